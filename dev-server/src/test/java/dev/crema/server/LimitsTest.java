package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.jvm.Crema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Clients that take, send or ask for too much or too slowly. */
@Timeout(120)
class LimitsTest {
    private static Crema crema;

    @BeforeAll
    static void load() {
        crema = Crema.load(Tiny.path());
    }

    @AfterAll
    static void close() {
        crema.close();
    }

    private static OpenAiServer start(Limits limits) {
        var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT.withLimits(limits));
        server.serve(ModelPool.of(crema));
        return server;
    }

    @Test
    void aReplyThatTakesTooLongEndsWithAnError() throws Exception {
        try (var server = start(Limits.DEFAULT.withRequestMillis(1))) {
            assertEquals("timed_out", Http.string(Http.error(Http.post(server, "/v1/completions", Http.ENDLESS.formatted("false")), 504), "code"));
            Http.awaitIdle(crema);
        }
        try (var server = start(Limits.DEFAULT.withRequestMillis(150))) {
            String stream = Http.post(server, "/v1/completions", Http.ENDLESS.formatted("true")).body();
            assertTrue(stream.contains("\"timed_out\"") && !stream.contains("[DONE]"), stream);
            Http.awaitIdle(crema);
        }
    }

    @Test
    void oneRequestTooManyIsSentAway() throws Exception {
        try (Crema small = Crema.loader().model(Tiny.path()).parallel(1, 1).load(); var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT)) {
            server.serve(ModelPool.of(small));
            try (Socket running = Http.open(server, Http.ENDLESS.formatted("true"))) {
                Http.awaitRunning(small);
                try (Socket waiting = Http.open(server, Http.ENDLESS.formatted("true"))) {
                    for (int i = 0; i < 500 && small.status().waiting() == 0; i++) {
                        Thread.sleep(5);
                    }
                    var response = Http.post(server, "/v1/chat/completions", Http.HELLO);
                    assertEquals("queue_full", Http.string(Http.error(response, 429), "code"));
                    assertEquals("1", response.headers().firstValue("Retry-After").orElse(""));
                    assertTrue(running.isConnected() && waiting.isConnected());
                }
            }
            Http.awaitIdle(small);
            assertEquals(200, Http.post(server, "/v1/chat/completions", Http.HELLO).statusCode());
        }
    }

    @Test
    void aClientThatAsksFirstMaySendItsBody() throws Exception {
        try (var server = start(Limits.DEFAULT)) {
            URI uri = URI.create(server.address());
            String body = "{\"prompt\":\"Hello\",\"max_tokens\":1}";
            try (var socket = new Socket(uri.getHost(), uri.getPort())) {
                socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nConnection: close\r\nExpect: 100-continue\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                socket.setSoTimeout(20_000);
                assertEquals("HTTP/1.1 100 ", new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII));
                socket.getOutputStream().write(body.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(answer.contains("HTTP/1.1 200 ") && answer.contains("text_completion"), answer);
            }
        }
    }

    @Test
    void aBodyThatDoesNotComeIsRefused() throws Exception {
        try (var server = start(Limits.DEFAULT.withBodyMillis(100))) {
            URI uri = URI.create(server.address());
            try (var socket = new Socket(uri.getHost(), uri.getPort())) {
                socket.getOutputStream().write(("POST /v1/completions HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nContent-Length: 100\r\n\r\n{\"pro")
                    .getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertTrue(answer.startsWith("HTTP/1.1 408 ") && answer.contains("did not arrive within 100 ms"), answer);
            }
            assertEquals(200, Http.post(server, "/v1/chat/completions", Http.HELLO).statusCode());
        }
    }

    @Test
    void aSlowReaderPausesItsOwnReplyAndGetsAllOfIt() throws Exception {
        try (var server = start(Limits.DEFAULT)) {
            Http.awaitIdle(crema);
            String body = Http.ENDLESS.formatted("true").replace("{\"stream\"", "{\"n\":16,\"logprobs\":5,\"stream\"");
            long before = crema.status().generatedTokens();
            try (Socket socket = new Socket()) {
                socket.setReceiveBufferSize(4096);
                Http.open(server, socket, body);
                Http.awaitRunning(crema);
                long written = -1;
                for (long now = -2; now != written; now = crema.status().generatedTokens()) {
                    written = now;
                    Thread.sleep(300);
                }
                assertTrue(written - before < 16 * 900, written - before + " tokens for one who reads nothing");
                assertEquals(200, Http.post(server, "/v1/chat/completions", Http.HELLO).statusCode());
                socket.setSoTimeout(60_000);
                var all = new StringBuilder();
                byte[] some = new byte[8192];
                while (all.indexOf("data: [DONE]", Math.max(0, all.length() - some.length - 20)) < 0) {
                    int count = socket.getInputStream().read(some);
                    assertTrue(count > 0, "the stream ended without a word");
                    all.append(new String(some, 0, count, StandardCharsets.ISO_8859_1));
                }
                assertEquals(16, all.toString().split("\"finish_reason\":\"length\"", -1).length - 1);
            }
            Http.awaitIdle(crema);
        }
    }

    @Test
    void aClientThatReadsNothingIsCutOff() throws Exception {
        try (var server = start(Limits.DEFAULT.withStallMillis(300))) {
            Http.awaitIdle(crema);
            // Each token comes with 20 alternatives: more than the buffers of the network hold.
            String body = Http.ENDLESS.formatted("true").replace("{\"stream\"", "{\"n\":8,\"logprobs\":5,\"stream\"");
            try (Socket socket = Http.open(server, body)) {
                Http.awaitRunning(crema);
                Http.awaitIdle(crema);
                for (int i = 0; i < 500 && Http.metric(server, "crema_http_requests_in_flight") > 1; i++) {
                    Thread.sleep(20);
                }
                assertEquals(1, Http.metric(server, "crema_http_requests_in_flight"));
                assertTrue(socket.isConnected());
            }
            assertEquals(200, Http.post(server, "/v1/chat/completions", Http.HELLO).statusCode());
        }
    }
}
