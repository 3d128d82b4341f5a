package dev.crema.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.Progress;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every field of every endpoint, good and bad, asked of the embedded model: {@code goldens/api} has requests and all that was heard. What is heard has
 * OpenAI's shape, too. A new case is a line with title, path and request; {@code -Dgolden=update} adds what is heard.
 */
class ApiTranscriptsTest {
    private static final Path FOLDER = Goldens.path("..").resolve("../models/crema-tiny").normalize();
    private static final Path ECHOES = Goldens.path("..").resolve("../engine/src/test/resources/goldens/api").normalize();
    private static final Map<String, String> REPLIES = Map.of("/v1/chat/completions", "ChatCompletion", "/v1/completions", "Completion",
        "/v1/embeddings", "Embeddings", "/v1/responses", "Response", "/v1/models", "ModelList", "/v1/models/crema-tiny", "Model",
        "/tokenize", "Tokens", "/detokenize", "Content", "/apply-template", "PromptText");

    private static final class Heard implements ReplySink {
        final List<Json> all = new ArrayList<>();

        @Override
        public void reply(String json) {
            add("reply", json);
        }

        @Override
        public void chunk(String json) {
            add("chunk", json);
        }

        @Override
        public void event(String name, String json) {
            add("event", json);
        }

        @Override
        public void done() {
            all.add(new Json.Str("done"));
        }

        @Override
        public void end() {
            all.add(new Json.Str("end"));
        }

        @Override
        public void error(int status, String json) {
            add("error", json);
            ((Json.Obj) all.getLast()).put("status", status);
        }

        private void add(String kind, String json) {
            all.add(new Json.Obj().put(kind, JsonParser.parse(json)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"chat", "completions", "embeddings", "responses", "others"})
    void goldens(String name) throws IOException {
        var shapes = new ApiShapes();
        var out = new StringBuilder("[");
        Model model = ModelLoader.awaitOpen(MemoryFiles.read(FOLDER), null, 0);
        for (Json each : ((Json.Arr) JsonParser.parse(Files.readString(Goldens.path("api/" + name + ".json")))).items()) {
            var golden = (Json.Obj) each;
            String path = ((Json.Str) golden.get("path")).value();
            String title = path + ": " + golden.get("title");
            List<Json> heard = ask(model, path, golden.get("request"));
            checkShapes(shapes, title, path, golden.get("request"), heard);
            checkField(title, golden, heard);
            out.append(out.length() > 1 ? ",\n" : "\n").append("{\"title\":").append(golden.get("title")).append(",\"path\":").append(golden.get("path"))
                .append(",\n \"request\":").append(golden.get("request")).append(",\n \"heard\":[");
            for (int i = 0; i < heard.size(); i++) {
                out.append(i == 0 ? "\n  " : ",\n  ").append(plain(null, heard.get(i)));
            }
            out.append("]}");
        }
        Goldens.assertGolden("api/" + name + ".json", out.append("\n]\n").toString());
    }

    /** Each case has an engine of its own, so that none depends on what others left in the cache. */
    private static List<Json> ask(Model model, String path, Json request) {
        try (var device = new ReferenceDevice()) {
            var options = new EngineOptions(0, 8, 64, 64, 0, DType.F32, 1);
            Engine engine = ModelLoader.awaitLoad(model, device, options, Clock.SYSTEM, Progress.NONE, new Cancellation());
            var heard = new Heard();
            new ChatService(engine, Clock.SYSTEM, new RandomBits(1)).handle(path, request instanceof Json.Obj ? request.toString() : "", heard,
                new Cancellation());
            for (int i = 0; engine.hasWork(); i++) {
                assertTrue(i < 10_000, "the engine does not end");
                engine.awaitStep();
            }
            engine.close();
            return heard.all;
        }
    }

    private static void checkShapes(ApiShapes shapes, String title, String path, Json request, List<Json> heard) {
        var chunks = new ArrayList<Json.Obj>();
        var events = new ArrayList<Json.Obj>();
        var problems = new ArrayList<String>();
        for (Json each : heard) {
            if (each instanceof Json.Obj one) {
                String kind = one.members().keySet().iterator().next();
                var value = (Json.Obj) one.get(kind);
                switch (kind) {
                    case "reply" -> problems.addAll(shapes.problems(REPLIES.get(path), value));
                    case "chunk" -> {
                        problems.addAll(shapes.problems(REPLIES.get(path) + "Chunk", value));
                        chunks.add(value);
                    }
                    case "event" -> {
                        problems.addAll(shapes.problems(((Json.Str) value.get("type")).value(), value));
                        events.add(value);
                    }
                    default -> problems.addAll(shapes.problems("Error", value));
                }
            }
        }
        if (!chunks.isEmpty()) {
            problems.addAll(StreamRules.ofChunks(chunks, request.toString().contains("\"include_usage\":true")));
        }
        if (!events.isEmpty()) {
            problems.addAll(StreamRules.ofEvents(events));
        }
        assertEquals(List.of(), problems, title);
    }

    /** What is refused, as the title says, is refused by an error that names the field. */
    private static void checkField(String title, Json.Obj golden, List<Json> heard) {
        boolean refused = heard.get(0) instanceof Json.Obj first && first.get("error") != null;
        assertEquals(title.matches(".*(refused|misspelt|there is not|not loaded|nothing).*"), refused, title);
        if (refused && golden.get("request") instanceof Json.Obj) {
            var error = (Json.Obj) ((Json.Obj) ((Json.Obj) heard.get(0)).get("error")).get("error");
            assertTrue(error.has("param"), title);
        }
    }

    /** Ids are left out but for what they begin with, times are 0, and numbers have four digits. */
    private static Json plain(String name, Json value) {
        return switch (value) {
            case Json.Obj object -> {
                var copy = new Json.Obj();
                object.members().forEach((member, inner) -> copy.put(member, "timings".equals(name) ? Json.of(0L) : plain(member, inner)));
                yield copy;
            }
            case Json.Arr array -> {
                var copy = new Json.Arr();
                array.items().forEach(item -> copy.add(plain(name, item)));
                yield copy;
            }
            case Json.Num number when name != null && name.startsWith("created") -> Json.of(0L);
            case Json.Num number when !number.isInteger() -> Json.of(Math.round(number.doubleValue() * 1e4) / 1e4 + 0.0);
            case Json.Str text when name != null && (name.equals("id") || name.equals("item_id") || name.equals("call_id")) ->
                new Json.Str(text.value().replaceAll("(?<=[-_])[A-Za-z0-9]{24}$", "..."));
            default -> value;
        };
    }

    /** What the engine's own goldens heard has OpenAI's shape, too. */
    @ParameterizedTest
    @ValueSource(strings = {"chat.txt", "tool_calls.txt", "completions.txt", "responses.txt"})
    void echoes(String name) throws IOException {
        var shapes = new ApiShapes();
        String shape = name.equals("completions.txt") ? "Completion" : name.equals("responses.txt") ? "Response" : "ChatCompletion";
        int checked = 0;
        for (String line : Files.readAllLines(ECHOES.resolve(name))) {
            String json = line.substring(line.indexOf(' ') + 1);
            String kind = line.startsWith("reply ") ? shape : line.startsWith("chunk ") ? shape + "Chunk"
                : line.startsWith("event ") ? ((Json.Str) JsonParser.parseObject(json).get("type")).value() : null;
            if (kind != null) {
                checked++;
                assertEquals(List.of(), shapes.problems(kind, JsonParser.parse(json)), line);
            }
        }
        assertTrue(checked > 5, name + " has " + checked + " replies");
    }

    @Test
    void aShapeThatIsWrongIsSeen() throws IOException {
        var shapes = new ApiShapes();
        Json good = JsonParser.parse("{\"object\":\"list\",\"data\":[{\"id\":\"a\",\"object\":\"model\",\"created\":1,\"owned_by\":\"b\"}]}");
        assertEquals(List.of(), shapes.problems("ModelList", good));
        for (String bad : new String[] {"{\"object\":\"list\"}", good.toString().replace("\"b\"", "5"), good.toString().replace(":1", ":1.5"),
                good.toString().replace("\"model\"", "\"Model\""), good.toString().replace("\"id\"", "\"name\""), "[]"}) {
            assertFalse(shapes.problems("ModelList", JsonParser.parse(bad)).isEmpty(), bad);
        }
    }
}
