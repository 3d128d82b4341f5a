package dev.crema.server;

import static dev.crema.server.Http.ENDLESS;
import static dev.crema.server.Http.HELLO;
import static dev.crema.server.Http.awaitIdle;
import static dev.crema.server.Http.awaitRunning;
import static dev.crema.server.Http.error;
import static dev.crema.server.Http.open;
import static dev.crema.server.Http.send;
import static dev.crema.server.Http.string;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

@Timeout(120)
class OpenAiServerTest {
    private static Crema crema;
    private static OpenAiServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        crema = Crema.load(Tiny.path());
        server = start(ApiKeys.NONE, Set.of(), 10_000);
        server.serve(ModelPool.of(crema));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    }

    private static OpenAiServer start(ApiKeys keys, Set<String> origins, long keepAliveMillis) {
        return new OpenAiServer(OpenAiServer.Settings.DEFAULT.withKeys(keys).withCors(origins)
            .withLimits(Limits.DEFAULT.withBodyBytes(1 << 16).withKeepAliveMillis(keepAliveMillis)));
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        crema.close();
    }

    private static HttpResponse<String> post(String path, String body) throws Exception {
        return Http.post(server, path, body);
    }

    @Test
    void listsItsModel() throws Exception {
        Json.Obj models = JsonParser.parseObject(send(server, "GET", "/v1/models", null).body());
        assertEquals("crema-tiny", string(models, "data", 0, "id"));
        assertEquals("crema-tiny", string(JsonParser.parseObject(send(server, "GET", "/v1/models/crema-tiny", null).body()), "id"));
        error(send(server, "GET", "/v1/models/gpt-9", null), 404);
        assertEquals("ok", string(JsonParser.parseObject(send(server, "GET", "/health", null).body()), "status"));
    }

    @Test
    void chats() throws Exception {
        HttpResponse<String> response = post("/v1/chat/completions", HELLO);
        assertEquals(200, response.statusCode(), response.body());
        Json.Obj reply = JsonParser.parseObject(response.body());
        assertEquals("Hello! How can I help you?", string(reply, "choices", 0, "message", "content"));
        assertEquals("stop", string(reply, "choices", 0, "finish_reason"));
        assertEquals("10", string(reply, "usage", "prompt_tokens"));
    }

    @Test
    void streams() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.address() + "/v1/chat/completions")).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(HELLO.replace("{\"messages\"", "{\"stream\":true,\"messages\""))).build();
        HttpResponse<java.util.stream.Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
        assertEquals("text/event-stream; charset=utf-8", response.headers().firstValue("Content-Type").orElse(""));
        var text = new StringBuilder();
        List<String> events = response.body().filter(line -> !line.isEmpty()).toList();
        for (String event : events.subList(0, events.size() - 1)) {
            assertTrue(event.startsWith("data: {"), event);
            Json.Obj chunk = JsonParser.parseObject(event.substring(6));
            assertEquals("chat.completion.chunk", string(chunk, "object"));
            String content = string(chunk, "choices", 0, "delta", "content");
            text.append(content.equals("null") ? "" : content);
        }
        assertEquals("data: [DONE]", events.getLast());
        assertTrue(events.size() > 5, events.toString());
        assertEquals("Hello! How can I help you?", text.toString());
    }

    @Test
    void manyAtOnceAnswerAsOneByOne() throws Exception {
        var replies = new ArrayList<CompletableFuture<String>>();
        for (int i = 0; i < 12; i++) {
            replies.add(CompletableFuture.supplyAsync(() -> {
                try {
                    return string(JsonParser.parseObject(post("/v1/chat/completions", HELLO).body()), "choices", 0, "message", "content");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (var reply : replies) {
            assertEquals("Hello! How can I help you?", reply.join());
        }
    }

    @Test
    void completes() throws Exception {
        Json.Obj reply = JsonParser.parseObject(post("/v1/completions", "{\"prompt\":\"Once upon a time\",\"max_tokens\":4}").body());
        assertEquals("text_completion", string(reply, "object"));
        assertEquals("length", string(reply, "choices", 0, "finish_reason"));
        assertEquals("4", string(reply, "usage", "completion_tokens"));
    }

    @Test
    void refusesInOpenAisShape() throws Exception {
        assertEquals("invalid_json", string(error(post("/v1/chat/completions", "{\"messages\":"), 400), "code"));
        String position = string(error(post("/v1/chat/completions", "{\"messages\":\n  [}"), 400), "message");
        assertTrue(position.contains("line 2") && position.contains("column 4"), position);
        error(post("/v1/chat/completions", ""), 400);
        error(post("/v1/chat/completions", "[]"), 400);
        assertEquals("messages", string(error(post("/v1/chat/completions", "{\"messages\":7}"), 400), "param"));
        assertEquals("invalid_request_error", string(error(post("/v1/chat/completions", "{}"), 400), "type"));
        assertEquals("temperature", string(error(post("/v1/chat/completions", HELLO.replace("{\"m", "{\"temperature\":\"hot\",\"m")), 400), "param"));
        assertEquals("context_length_exceeded", string(error(post("/v1/completions", "{\"prompt\":\"" + "word ".repeat(3000) + "\"}"), 400), "code"));
        error(send(server, "GET", "/page/", null), 404);
        error(post("/v1/nothing", "{}"), 404);
        assertTrue(string(error(send(server, "GET", "/models", null), 404), "hint").contains("/v1/models"));
        assertEquals("POST", send(server, "GET", "/v1/chat/completions", null).headers().firstValue("Allow").orElse(""));
        error(send(server, "GET", "/v1/chat/completions", null), 405);
        error(send(server, "DELETE", "/v1/models", null), 405);
        error(send(server, "POST", "/v1/chat/completions", HELLO, "Content-Type", "text/plain"), 415);
        error(post("/v1/completions", "{\"prompt\":\"" + "x".repeat(70_000) + "\"}"), 413);
        error(postChunked("{\"prompt\":\"" + "x".repeat(70_000) + "\"}"), 413);
        error(send(server, "POST", "/v1/completions", "{\"prompt\":\"a\"}", "Content-Type", "application/x-www-form-urlencoded"), 415);
        chats();
    }

    private static HttpResponse<String> postChunked(String body) throws Exception {
        var publisher = HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
        return client.send(HttpRequest.newBuilder(URI.create(server.address() + "/v1/completions")).POST(publisher).build(),
            HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void refusesBytesThatAreNoText() throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server.address() + "/v1/completions")).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[] {'"', (byte) 0xff, '"'})).build();
        assertEquals("invalid_json", string(error(client.send(request, HttpResponse.BodyHandlers.ofString()), 400), "code"));
    }

    @Test
    void aClientThatLeavesAStreamStopsItsGeneration() throws Exception {
        awaitIdle(crema);
        try (Socket socket = open(server, ENDLESS.formatted("true"))) {
            assertTrue(socket.getInputStream().read() > 0);
            awaitRunning(crema);
        }
        long left = System.nanoTime();
        awaitIdle(crema);
        assertTrue(System.nanoTime() - left < 5_000_000_000L);
    }

    @Test
    void aClientThatLeavesWhileNothingIsSentStopsItsGenerationToo() throws Exception {
        awaitIdle(crema);
        int free = crema.status().freeKvPages();
        try (Socket socket = open(server, ENDLESS.formatted("false"))) {
            awaitRunning(crema);
        }
        awaitIdle(crema);
        assertTrue(crema.status().freeKvPages() > 0 && free > 0);
        chats();
    }

    @Test
    void aPipelinedRequestIsAnsweredAfterTheFirst() throws Exception {
        URI uri = URI.create(server.address());
        String body = "{\"prompt\":\"Once upon a time\",\"max_tokens\":20}";
        try (Socket socket = open(server, body)) {
            Thread.sleep(30);
            socket.getOutputStream().write(("GET /health HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(all.indexOf("text_completion") > 0 && all.indexOf("\"status\":\"ok\"") > all.indexOf("text_completion"), all);
        }
    }

    @Test
    void keepsAQuietStreamAlive() throws Exception {
        try (var impatient = start(ApiKeys.NONE, Set.of(), 1)) {
            impatient.serve(ModelPool.of(crema));
            // A prompt that takes longer than the millisecond of silence after which the comment is due, on any machine.
            String body = send(impatient, "POST", "/v1/completions", "{\"stream\":true,\"max_tokens\":2,\"prompt\":\"" + "word ".repeat(400) + "\"}").body();
            assertTrue(body.contains(": keep-alive\n\n") && body.endsWith("data: [DONE]\n\n"), body);
            String late = send(impatient, "POST", "/v1/completions", "{\"stream\":true,\"prompt\":\"" + "word ".repeat(3000) + "\"}").body();
            assertTrue(late.contains("context_length_exceeded"), late);
        }
    }

    @Test
    void asksForAKey(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("keys"), "# people\nkey-one\n\n  key-two  \n");
        try (var guarded = start(ApiKeys.read(file), Set.of(), 10_000)) {
            guarded.serve(ModelPool.of(crema));
            for (String wrong : List.of("", "Bearer", "Bearer key", "Bearer key-one2", "Basic key-one", "Bearer # people")) {
                var response = send(guarded, "GET", "/v1/models", null, "Authorization", wrong);
                assertEquals("invalid_api_key", string(error(response, 401), "code"));
                assertEquals("Bearer", response.headers().firstValue("WWW-Authenticate").orElse(""));
            }
            error(send(guarded, "POST", "/v1/chat/completions", HELLO), 401);
            assertEquals(200, send(guarded, "GET", "/v1/models", null, "Authorization", "Bearer key-one").statusCode());
            assertEquals(200, send(guarded, "GET", "/v1/models", null, "Authorization", "bearer key-two").statusCode());
            assertEquals(200, send(guarded, "GET", "/health", null).statusCode());
        }
    }

    @Test
    void letsPagesOfChosenOriginsIn() throws Exception {
        try (var open = start(ApiKeys.NONE, Set.of("https://a.example"), 10_000); var all = start(ApiKeys.NONE, Set.of("*"), 10_000)) {
            open.serve(ModelPool.of(crema));
            all.serve(ModelPool.of(crema));
            var allow = "Access-Control-Allow-Origin";
            assertEquals("https://a.example", send(open, "GET", "/v1/models", null, "Origin", "https://a.example").headers().firstValue(allow).orElse(""));
            assertFalse(send(open, "GET", "/v1/models", null, "Origin", "https://b.example").headers().firstValue(allow).isPresent());
            assertEquals("*", send(all, "GET", "/absent", null, "Origin", "https://b.example").headers().firstValue(allow).orElse(""));
            assertFalse(send(server, "GET", "/v1/models", null, "Origin", "https://a.example").headers().firstValue(allow).isPresent());
            var preflight = send(open, "OPTIONS", "/v1/chat/completions", null, "Origin", "https://a.example", "Access-Control-Request-Method", "POST",
                "Access-Control-Request-Headers", "authorization,content-type");
            assertEquals(204, preflight.statusCode());
            assertEquals("authorization,content-type", preflight.headers().firstValue("Access-Control-Allow-Headers").orElse(""));
            assertTrue(preflight.headers().firstValue("Access-Control-Allow-Methods").orElse("").contains("POST"));
        }
    }

    @Test
    void answersOnlyAsThisMachine() throws Exception {
        URI uri = URI.create(server.address());
        try (var socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.getOutputStream().write("GET /v1/models HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            assertTrue(new String(in.readAllBytes(), StandardCharsets.UTF_8).startsWith("HTTP/1.1 403"));
        }
    }

    @Test
    void letsRunningRepliesEndBeforeItStops() throws Exception {
        try (var ending = start(ApiKeys.NONE, Set.of(), 10_000)) {
            error(send(ending, "GET", "/v1/models", null), 503);
            ending.serve(ModelPool.of(crema));
            awaitIdle(crema);
            var reply = CompletableFuture.supplyAsync(() -> {
                try {
                    return send(ending, "POST", "/v1/completions", "{\"prompt\":\"Once upon a time\",\"max_tokens\":100,\"logit_bias\":{\"2046\":-100,\"2044\":-100}}");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            awaitRunning(crema);
            ending.drain(Duration.ofSeconds(60));
            HttpResponse<String> response = reply.join();
            assertEquals(200, response.statusCode());
            assertNotNull(JsonParser.parseObject(response.body()).get("choices"));
            HttpResponse<String> late = send(ending, "GET", "/v1/models", null);
            error(late, 503);
            assertEquals("1", late.headers().firstValue("Retry-After").orElse(""));
        }
    }
}
