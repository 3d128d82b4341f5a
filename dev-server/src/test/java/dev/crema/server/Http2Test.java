package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;

/** HTTP/2 without TLS, as the JDK's client asks for it, and by prior knowledge. */
@Timeout(120)
class Http2Test {
    private static Crema crema;
    private static OpenAiServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        crema = Crema.load(Tiny.path());
        server = new OpenAiServer(OpenAiServer.Settings.DEFAULT);
        server.serve(ModelPool.of(crema));
        client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        crema.close();
    }

    private static HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(URI.create(server.address() + path)).header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    @Test
    void manyStreamsOfOneConnection() throws Exception {
        var upgraded = client.send(HttpRequest.newBuilder(URI.create(server.address() + "/health")).build(), BodyHandlers.ofString());
        assertEquals(HttpClient.Version.HTTP_2, upgraded.version());
        var replies = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 12; i++) {
            String body = i % 2 == 0 ? Http.HELLO : Http.HELLO.replace("{\"messages\"", "{\"stream\":true,\"messages\"");
            replies.add(client.sendAsync(request("/v1/chat/completions", body), BodyHandlers.ofString()));
        }
        for (int i = 0; i < replies.size(); i++) {
            HttpResponse<String> reply = replies.get(i).join();
            assertEquals(HttpClient.Version.HTTP_2, reply.version());
            if (i % 2 == 0) {
                assertEquals("Hello! How can I help you?", Http.string(JsonParser.parseObject(reply.body()), "choices", 0, "message", "content"));
            } else {
                assertTrue(reply.body().endsWith("data: [DONE]\n\n"), reply.body());
            }
        }
        Http.error(client.send(request("/v1/completions", "{"), BodyHandlers.ofString()), 400);
    }

    @Test
    void aStreamThatIsLeftStopsItsGenerationAndNoOther() throws Exception {
        Http.awaitIdle(crema);
        var kept = client.sendAsync(request("/v1/completions", Http.ENDLESS.formatted("true")), BodyHandlers.ofString());
        try (InputStream left = client.send(request("/v1/completions", Http.ENDLESS.formatted("true")), BodyHandlers.ofInputStream()).body()) {
            assertTrue(left.read() > 0);
        }
        assertTrue(kept.join().body().endsWith("data: [DONE]\n\n"));
        Http.awaitIdle(crema);
    }

    @Test
    void aReplyWithoutStreamThatIsLeftIsNotComputedToItsEnd() throws Exception {
        Http.awaitIdle(crema);
        long before = crema.status().generatedTokens();
        var left = client.sendAsync(request("/v1/completions", Http.ENDLESS.formatted("false").replace("{\"stream\"", "{\"n\":32,\"stream\"")), BodyHandlers.ofString());
        var kept = client.sendAsync(request("/v1/chat/completions", Http.HELLO), BodyHandlers.ofString());
        Http.awaitRunning(crema);
        left.cancel(true);
        assertEquals(200, kept.join().statusCode());
        Http.awaitIdle(crema);
        long generated = crema.status().generatedTokens() - before;
        assertTrue(generated < 32 * 900, generated + " tokens for nobody");
    }

    @Test
    void priorKnowledge() throws Exception {
        URI uri = URI.create(server.address());
        try (var socket = new Socket(uri.getHost(), uri.getPort())) {
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0}); // An empty SETTINGS frame.
            byte[] answer = socket.getInputStream().readNBytes(9);
            assertEquals(4, answer[3], "the server's own SETTINGS come first");
        }
    }
}
