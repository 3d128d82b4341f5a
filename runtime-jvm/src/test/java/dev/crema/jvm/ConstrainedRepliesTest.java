package dev.crema.jvm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.api.ReplySink;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The embedded model, made to say what it would not say by itself: whatever comes out has to parse and be valid. */
@Timeout(120)
class ConstrainedRepliesTest {
    private static final String SCHEMA = """
        {"type":"object","properties":{"city":{"type":"string","maxLength":20},"degrees":{"type":"integer","minimum":-50,"maximum":60},
        "sky":{"enum":["clear","cloudy","rain"]},"days":{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":3}},
        "required":["city","degrees","sky"],"additionalProperties":false}""";
    private static final String TOOLS = """
        [{"type":"function","function":{"name":"get_weather","description":"Weather of a city","parameters":{"type":"object","properties":
        {"city":{"type":"string","maxLength":20}},"required":["city"],"additionalProperties":false}}},{"type":"function","function":{"name":"set_timer","parameters":
        {"type":"object","properties":{"minutes":{"type":"integer","minimum":1,"maximum":90}},"required":["minutes"],"additionalProperties":false}}}]""";
    private static Crema crema;

    @BeforeAll
    static void load() {
        crema = Crema.load(CremaTest.tiny());
    }

    @AfterAll
    static void close() {
        crema.close();
    }

    private static final class Sink implements ReplySink {
        final CompletableFuture<List<Json.Obj>> all = new CompletableFuture<>();
        private final List<Json.Obj> parts = new ArrayList<>();

        @Override
        public void reply(String json) {
            chunk(json);
            done();
        }

        @Override
        public void chunk(String json) {
            parts.add(JsonParser.parseObject(json));
        }

        @Override
        public void done() {
            all.complete(parts);
        }

        @Override
        public void error(int status, String json) {
            all.completeExceptionally(new AssertionError(status + " " + json));
        }
    }

    private static List<Json.Obj> ask(String text, String fields) throws Exception {
        var sink = new Sink();
        crema.handle("/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":" + Json.of(text) + "}]," + fields + "}", sink, new Cancellation());
        return sink.all.get(60, TimeUnit.SECONDS);
    }

    private static Json.Obj choice(Json.Obj reply, int index) {
        return (Json.Obj) ((Json.Arr) reply.get("choices")).get(index);
    }

    private static String string(Json.Obj object, String name) {
        return ((Json.Str) object.get(name)).value();
    }

    @Test
    void aSchemaShapesEveryChoice() throws Exception {
        String format = "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"weather\",\"strict\":true,\"schema\":" + SCHEMA + "}}";
        Json schema = JsonParser.parse(SCHEMA);
        Json.Obj reply = ask("What is the weather in Paris?", format + ",\"n\":2,\"seed\":3,\"temperature\":1,\"max_tokens\":200").get(0);
        for (int i = 0; i < 2; i++) {
            String content = string((Json.Obj) choice(reply, i).get("message"), "content");
            assertEquals("stop", string(choice(reply, i), "finish_reason"), content);
            assertTrue(RandomSchemas.isValid(JsonParser.parse(content), (Json.Obj) schema), content);
        }
        assertTrue(((Json.Obj) reply.get("timings")).has("grammar_ms"));
        var streamed = new StringBuilder();
        for (Json.Obj chunk : ask("What is the weather in Paris?", format + ",\"stream\":true,\"max_tokens\":200")) {
            streamed.append(((Json.Obj) choice(chunk, 0).get("delta")).get("content") instanceof Json.Str part ? part.value() : "");
        }
        assertTrue(RandomSchemas.isValid(JsonParser.parse(streamed.toString()), (Json.Obj) schema), streamed.toString());
    }

    @Test
    void grammarsAndExpressionsShapeReplies() throws Exception {
        Json.Obj date = ask("When?", "\"regex\":\"\\\\d{4}-(0[1-9]|1[0-2])-[0-3]\\\\d\"").get(0);
        assertTrue(string((Json.Obj) choice(date, 0).get("message"), "content").matches("\\d{4}-(0[1-9]|1[0-2])-[0-3]\\d"));
        Json.Obj word = ask("Yes or no?", "\"grammar\":\"root ::= (\\\"yes\\\" | \\\"no\\\") [.!]\",\"temperature\":1").get(0);
        assertTrue(string((Json.Obj) choice(word, 0).get("message"), "content").matches("(yes|no)[.!]"));
        Json.Obj object = ask("Tell me a story.", "\"response_format\":{\"type\":\"json_object\"},\"max_tokens\":300,\"temperature\":0.8,\"seed\":1").get(0);
        if (string(choice(object, 0), "finish_reason").equals("stop")) {
            JsonParser.parseObject(string((Json.Obj) choice(object, 0).get("message"), "content"));
        }
    }

    @Test
    void toolsAreCalledWhereTheyHaveToBe() throws Exception {
        for (String asked : new String[] {"\"required\"", "{\"type\":\"function\",\"function\":{\"name\":\"set_timer\"}}"}) {
            Json.Obj reply = ask("Tell me a story about a fox.", "\"tools\":" + TOOLS + ",\"tool_choice\":" + asked + ",\"parallel_tool_calls\":false,\"max_tokens\":100").get(0);
            Json.Obj message = (Json.Obj) choice(reply, 0).get("message");
            assertEquals("tool_calls", string(choice(reply, 0), "finish_reason"), message.toString());
            Json.Obj function = (Json.Obj) ((Json.Obj) ((Json.Arr) message.get("tool_calls")).get(0)).get("function");
            Json.Obj arguments = JsonParser.parseObject(string(function, "arguments"));
            if (asked.contains("set_timer")) {
                assertEquals("set_timer", string(function, "name"));
            }
            boolean timer = string(function, "name").equals("set_timer");
            long minutes = timer ? ((Json.Num) arguments.get("minutes")).longValue() : 1;
            assertTrue(minutes >= 1 && minutes <= 90 && (timer || arguments.get("city") instanceof Json.Str), function.toString());
        }
    }

    @Test
    void repliesToRandomSchemasAreValid() throws Exception {
        var random = new Random(41);
        int whole = 0;
        for (int i = 0; i < 40; i++) {
            Json.Obj schema = RandomSchemas.next(random, 3);
            Json.Obj reply = ask("Give me something.", "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":" + schema
                + "}},\"max_tokens\":150,\"temperature\":1,\"seed\":" + i).get(0);
            String content = string((Json.Obj) choice(reply, 0).get("message"), "content");
            if (string(choice(reply, 0), "finish_reason").equals("stop")) {
                whole++;
                assertTrue(RandomSchemas.isValid(JsonParser.parse(content), schema), schema + " got " + content);
            }
        }
        assertTrue(whole >= 25, "only " + whole + " replies came to an end");
    }
}
