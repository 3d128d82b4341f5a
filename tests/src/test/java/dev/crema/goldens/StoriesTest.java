package dev.crema.goldens;

import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.json.Json;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.Shared;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

/** From "Once upon a time" to 200 greedy tokens and their text: the tokens are llama.cpp's, the text is what a person can read. */
class StoriesTest {
    private static final String BEGINNING = "Once upon a time";

    @TestFactory
    List<DynamicTest> stories() {
        var tests = new ArrayList<DynamicTest>();
        HostDevices.all().forEach((name, device) -> {
            tests.add(DynamicTest.dynamicTest(name + ": stories260k", () -> check("stories260k", "stories260k/stories260K.gguf", device.get())));
            tests.add(DynamicTest.dynamicTest(name + ": tinystories-656k", () -> check("tinystories-656k", "tinystories-656k", device.get())));
        });
        return tests;
    }

    private static void check(String name, String path, Device device) {
        Model model = ModelLoader.awaitOpen(MemoryFiles.read(Shared.model(path)), null, 256);
        var golden = (Json.Obj) Goldens.json("llama-cpp/" + name + ".json").get("story");
        int[] prompt = ints(golden, "prompt");
        int[] encoded = model.tokenizer().encode(BEGINNING, Tokenizer.Special.TEXT);
        assertArrayEquals(prompt, concat(new int[] {model.tokenizer().bos()}, encoded));
        try (device; var runner = new TokenRunner(model.checkpoint(), device, 256)) {
            int[] expected = ints(golden, "greedy");
            int[] actual = runner.greedy(runner.logits(prompt)[prompt.length - 1], expected.length);
            assertArrayEquals(expected, actual);
            Goldens.assertGolden("stories/" + name + ".txt", model.tokenizer().decode(concat(encoded, actual), false) + "\n");
        }
    }

    private static int[] concat(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static int[] ints(Json.Obj golden, String key) {
        return ((Json.Arr) golden.get(key)).items().stream().mapToInt(item -> (int) ((Json.Num) item).longValue()).toArray();
    }
}
