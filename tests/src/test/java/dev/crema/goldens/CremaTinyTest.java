package dev.crema.goldens;

import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The embedded model against the goldens that its training code left: rendered text, token ids, logits, greedy tokens and their text. */
class CremaTinyTest {
    private static final Path FOLDER = Goldens.path("..").resolve("../models/crema-tiny").normalize();
    /** The goldens have five digits after the point. */
    private static final double TOLERANCE = 2e-3;

    @TestFactory
    List<DynamicTest> goldens() throws IOException {
        Json.Obj goldens = JsonParser.parseObject(Files.readString(FOLDER.resolve("GOLDENS.json")));
        var tests = new ArrayList<DynamicTest>();
        Model model = ModelLoader.awaitOpen(MemoryFiles.read(FOLDER), null, 0);
        for (Json item : ((Json.Arr) goldens.get("prompts")).items()) {
            var golden = (Json.Obj) item;
            String text = string(golden, "text");
            tests.add(DynamicTest.dynamicTest("text and ids: " + text, () -> checkText(model, golden)));
            for (Map.Entry<String, Supplier<Device>> device : HostDevices.all().entrySet()) {
                tests.add(DynamicTest.dynamicTest(device.getKey() + ": " + text, () -> checkTokens(model, golden, device.getValue())));
            }
        }
        return tests;
    }

    private static void checkText(Model model, Json.Obj golden) {
        if (golden.get("messages") instanceof Json.Arr messages) {
            Json.Arr tools = golden.get("tools") instanceof Json.Arr given ? given : null;
            assertEquals(string(golden, "text"), model.template().render(messages, tools, true, new Json.Obj()));
        }
        assertArrayEquals(ints(golden, "ids"), model.tokenizer().encode(string(golden, "text"), Tokenizer.Special.PARSE));
        assertEquals(string(golden, "greedy_text"), model.tokenizer().decode(ints(golden, "greedy_ids"), true));
    }

    private static void checkTokens(Model model, Json.Obj golden, Supplier<Device> device) {
        try (Device used = device.get(); var runner = new TokenRunner(model.checkpoint(), used, 320)) {
            int[] ids = ints(golden, "ids");
            float[] row = null;
            for (int from = 0; from < ids.length; from += TokenRunner.MAX_TOKENS) {
                float[][] rows = runner.logits(Arrays.copyOfRange(ids, from, Math.min(ids.length, from + TokenRunner.MAX_TOKENS)));
                row = rows[rows.length - 1];
            }
            for (Json pair : ((Json.Arr) golden.get("first_logits_top10")).items()) {
                int token = (int) ((Json.Num) ((Json.Arr) pair).get(0)).longValue();
                assertEquals(((Json.Num) ((Json.Arr) pair).get(1)).doubleValue(), row[token], TOLERANCE, "logit of token " + token);
            }
            int[] greedy = ints(golden, "greedy_ids");
            assertArrayEquals(greedy, runner.greedy(row, greedy.length));
        }
    }

    private static String string(Json.Obj golden, String key) {
        return ((Json.Str) golden.get(key)).value();
    }

    private static int[] ints(Json.Obj golden, String key) {
        return ((Json.Arr) golden.get(key)).items().stream().mapToInt(item -> (int) ((Json.Num) item).longValue()).toArray();
    }
}
