package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** What the tests of the server ask it, and how. */
final class Http {
    static final String HELLO = "{\"messages\":[{\"role\":\"user\",\"content\":\"Hello!\"}]}";
    /** Goes on for as long as the context holds: a bias keeps the end tokens away. */
    static final String ENDLESS = "{\"stream\":%s,\"prompt\":\"Once upon a time\",\"temperature\":1,\"max_tokens\":900,"
        + "\"logit_bias\":{\"2046\":-100,\"2044\":-100}}";

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Http() { }

    static HttpResponse<String> send(OpenAiServer to, String method, String path, String body, String... headers) throws Exception {
        var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(to.address() + path)).method(method, publisher);
        if (body != null) {
            request.setHeader("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static HttpResponse<String> get(OpenAiServer from, String path) throws Exception {
        return send(from, "GET", path, null);
    }

    static HttpResponse<String> post(OpenAiServer to, String path, String body) throws Exception {
        return send(to, "POST", path, body);
    }

    /** The error object of a response that must be one. */
    static Json.Obj error(HttpResponse<String> response, int status) {
        assertEquals(status, response.statusCode(), () -> response + " " + response.headers().map() + response.body());
        assertEquals("application/json; charset=utf-8", response.headers().firstValue("Content-Type").orElse(""));
        var error = (Json.Obj) JsonParser.parseObject(response.body()).get("error");
        assertTrue(error.has("message") && error.has("type") && error.has("code") && error.get("param") != null, response.body());
        return error;
    }

    /** What is at a path of names and indices, as text. */
    static String string(Json object, Object... path) {
        Json at = object;
        for (Object step : path) {
            at = step instanceof String name ? ((Json.Obj) at).get(name) : ((Json.Arr) at).get((Integer) step);
        }
        return at instanceof Json.Str text ? text.value() : String.valueOf(at);
    }

    /** A connection that has sent a request for a completion and read nothing. */
    static Socket open(OpenAiServer to, String body) throws IOException {
        var socket = new Socket();
        open(to, socket, body);
        return socket;
    }

    /** The same on a socket of the caller's. */
    static void open(OpenAiServer to, Socket socket, String body) throws IOException {
        URI uri = URI.create(to.address());
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()));
        socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nContent-Type: application/json\r\n"
            + "Content-Length: " + body.length() + "\r\n\r\n" + body).getBytes(StandardCharsets.US_ASCII));
    }

    static void awaitIdle(Crema crema) throws InterruptedException {
        // More than once: between the last of some texts and the first of those that waited for them nothing runs.
        int idle = 0;
        for (int i = 0; i < 3000 && idle < 10; i++) {
            Thread.sleep(10);
            idle = crema.status().running() == 0 && crema.status().waiting() == 0 ? idle + 1 : 0;
        }
        assertEquals(10, idle, crema.status().toString());
    }

    static void awaitRunning(Crema crema) throws InterruptedException {
        for (int i = 0; i < 2000 && crema.status().running() == 0; i++) {
            Thread.sleep(5);
        }
        assertTrue(crema.status().running() > 0);
    }

    /** The sample of a metric; its name has the labels. */
    static double metric(OpenAiServer of, String name) throws Exception {
        for (String line : get(of, "/metrics").body().split("\n")) {
            if (line.startsWith(name + " ")) {
                return Double.parseDouble(line.substring(name.length() + 1));
            }
        }
        throw new AssertionError("no metric " + name + " in\n" + get(of, "/metrics").body());
    }
}
