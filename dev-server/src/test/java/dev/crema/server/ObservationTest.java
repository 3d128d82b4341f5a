package dev.crema.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a server tells of itself: ids, log, metrics, slots. */
@Timeout(120)
class ObservationTest {
    private static Crema crema;

    @BeforeAll
    static void load() {
        crema = Crema.load(Tiny.path());
    }

    @AfterAll
    static void close() {
        crema.close();
    }

    private static OpenAiServer start(AccessLog log) {
        var server = new OpenAiServer(OpenAiServer.Settings.DEFAULT.withAccessLog(log));
        server.serve(ModelPool.of(crema));
        return server;
    }

    @Test
    void everyReplyHasAnId() throws Exception {
        try (var server = start(AccessLog.NONE)) {
            assertEquals("my-id.1", Http.send(server, "GET", "/health", null, "X-Request-Id", "my-id.1").headers().firstValue("x-request-id").orElse(""));
            for (String odd : List.of("", "a b", "x".repeat(129), "{\"a\":1}")) {
                String id = Http.send(server, "POST", "/v1/chat/completions", Http.HELLO, "X-Request-Id", odd).headers().firstValue("x-request-id").orElse("");
                assertTrue(id.matches("req_[0-9a-f]{32}"), id);
            }
            assertTrue(Http.get(server, "/absent").headers().firstValue("x-request-id").isPresent());
        }
    }

    @Test
    void logsALineOfJsonARequest() throws Exception {
        var out = new ByteArrayOutputStream();
        try (var server = start(AccessLog.to(out))) {
            Http.send(server, "POST", "/v1/chat/completions?secret=1", Http.HELLO, "X-Request-Id", "first");
            Http.post(server, "/v1/chat/completions", "{\"messages\":[]}");
            Http.get(server, "/absent");
            Http.awaitIdle(crema);
            try (Socket socket = Http.open(server, Http.ENDLESS.formatted("true"))) {
                assertTrue(socket.getInputStream().read() > 0);
            }
            Http.awaitIdle(crema);
            awaitMetric(server, "crema_http_requests_in_flight", 1); // The request for the metrics itself.
        }
        List<String> lines = out.toString(StandardCharsets.UTF_8).lines().filter(line -> !line.contains("/metrics")).toList();
        assertEquals(4, lines.size(), lines.toString());
        Json.Obj first = JsonParser.parseObject(lines.getFirst());
        assertEquals("first POST /v1/chat/completions 200 crema-tiny 10 HTTP/1.1 127.0.0.1", String.join(" ", Http.string(first, "request_id"),
            Http.string(first, "method"), Http.string(first, "path"), Http.string(first, "status"), Http.string(first, "model"),
            Http.string(first, "prompt_tokens"), Http.string(first, "protocol"), Http.string(first, "client")));
        assertTrue(((Json.Num) first.get("first_byte_ms")).doubleValue() <= ((Json.Num) first.get("duration_ms")).doubleValue(), first.toString());
        assertFalse(lines.toString().contains("secret") || lines.toString().contains("Hello"), lines.toString());
        assertEquals("400", Http.string(JsonParser.parseObject(lines.get(1)), "status"));
        assertEquals("not_found", Http.string(JsonParser.parseObject(lines.get(2)), "error"));
        assertEquals("cancelled", Http.string(JsonParser.parseObject(lines.get(3)), "error"));
    }

    private static void awaitMetric(OpenAiServer server, String name, double value) throws Exception {
        for (int i = 0; i < 200 && Http.metric(server, name) != value; i++) {
            Thread.sleep(20);
        }
        assertEquals(value, Http.metric(server, name));
    }

    @Test
    void countsInPrometheusFormat() throws Exception {
        try (var server = start(AccessLog.NONE)) {
            Http.awaitIdle(crema);
            double promptTokens = Http.metric(server, "crema_prompt_tokens_total{model=\"crema-tiny\"}");
            double generated = Http.metric(server, "crema_generated_tokens_total{model=\"crema-tiny\"}");
            String fresh = "{\"cache_prompt\":false,\"max_tokens\":4,\"prompt\":[1,2,3,4,5,6,7,8,9],\"logit_bias\":{\"2046\":-100,\"2044\":-100}}";
            assertEquals(200, Http.post(server, "/v1/completions", fresh).statusCode());
            Http.get(server, "/absent");
            Http.awaitIdle(crema);
            assertEquals(9, Http.metric(server, "crema_prompt_tokens_total{model=\"crema-tiny\"}") - promptTokens);
            assertEquals(4, Http.metric(server, "crema_generated_tokens_total{model=\"crema-tiny\"}") - generated);
            assertEquals(1, Http.metric(server, "crema_http_requests_total{path=\"/v1/completions\",method=\"POST\",status=\"200\"}"));
            assertEquals(1, Http.metric(server, "crema_http_requests_total{path=\"other\",method=\"other\",status=\"404\"}"));
            assertEquals(1, Http.metric(server, "crema_time_to_first_token_seconds_count{model=\"crema-tiny\"}"));
            assertEquals(1, Http.metric(server, "crema_time_per_output_token_seconds_bucket{model=\"crema-tiny\",le=\"+Inf\"}"));
            assertEquals(0, Http.metric(server, "crema_kv_pages{model=\"crema-tiny\",state=\"used\"}"));
            var response = Http.get(server, "/metrics");
            assertEquals(Metrics.CONTENT_TYPE, response.headers().firstValue("Content-Type").orElse(""));
            for (String line : response.body().split("\n")) {
                assertTrue(line.matches("# (HELP|TYPE) crema_\\w+ .+|crema_\\w+(\\{(\\w+=\"[^\"]*\",?)+})? [0-9.E+-]+"), line);
            }
        }
    }

    @Test
    void showsWhatRuns() throws Exception {
        try (var server = start(AccessLog.NONE)) {
            Http.awaitIdle(crema);
            assertEquals("[]", Http.get(server, "/slots").body());
            try (Socket socket = Http.open(server, Http.ENDLESS.formatted("true"))) {
                assertTrue(socket.getInputStream().read() > 0);
                var slot = (Json.Obj) ((Json.Arr) JsonParser.parse(Http.get(server, "/slots").body())).get(0);
                assertEquals("crema-tiny decode 900", String.join(" ", Http.string(slot, "model"), Http.string(slot, "state"), Http.string(slot, "max_tokens")));
                assertFalse(slot.toString().contains("Once"), slot.toString());
            }
            Http.awaitIdle(crema);
        }
    }
}
