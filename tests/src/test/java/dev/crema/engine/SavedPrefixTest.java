package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.device.DeviceInfo;
import dev.crema.reference.ReferenceDevice;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.tokenizer.Tokenizer;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;

/** A text's beginning is taken out of one engine's KV cache and put into another's: it goes on with the same tokens, and nothing is computed again. */
class SavedPrefixTest {
    private static final Path FOLDER = Goldens.path("..").resolve("../models/crema-tiny").normalize();
    private static final String TEXT = "The quick brown fox jumps over the lazy dog, and then it does so again and again.";
    private static final SamplingParams PENALISED = new SamplingParams(0, 0, 1, 0, 1, 1.3f, 0.4f, 0.2f, Map.of());

    private static final class Heard implements GenerationListener {
        int[] reply;
        GenerationStats stats;

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) { }

        @Override
        public void onFinish(Finish reason, int[] tokens, GenerationStats all) {
            reply = tokens;
            stats = all;
        }

        @Override
        public void onError(CremaException error) {
            throw error;
        }
    }

    private static Model model(String id) {
        return ModelLoader.awaitOpen(MemoryFiles.read(FOLDER), id, 0);
    }

    private static Engine engine(Model model, Device device, DType kvType, int contextLength) {
        var options = new EngineOptions(contextLength, 4, 16, 64, 0, kvType, 1);
        return ModelLoader.awaitLoad(model, device, options, Clock.SYSTEM, Progress.NONE, new Cancellation());
    }

    private static Heard ask(Engine engine, int[] prompt) {
        var heard = new Heard();
        engine.submit(new GenerationRequest(prompt, 24, PENALISED, 7, List.of(), true, -1, false, true, new Cancellation()), heard);
        for (int i = 0; engine.hasWork(); i++) {
            assertTrue(i < 1000, "the engine does not end");
            engine.awaitStep();
        }
        return heard;
    }

    private static int[] join(int[] first, int[] second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @Test
    void anotherEngineGoesOnFromIt() {
        for (Map.Entry<String, Supplier<Device>> supplier : HostDevices.all().entrySet()) {
            for (DType kvType : List.of(DType.F32, DType.F16, DType.Q8_0, DType.Q4_0)) {
                try (Device device = supplier.getValue().get(); Engine first = engine(model(null), device, kvType, 0)) {
                    int[] prompt = first.model().tokenizer().encode(TEXT, Tokenizer.Special.TEXT);
                    int[] text = join(prompt, ask(first, prompt).reply);
                    byte[] saved = first.awaitSavePrefix(text);
                    int[] expected = ask(first, text).reply;
                    try (Device other = supplier.getValue().get(); Engine second = engine(model(null), other, kvType, 0)) {
                        int tokens = second.restorePrefix(saved);
                        Heard heard = ask(second, text);
                        String name = supplier.getKey() + " " + kvType;
                        assertEquals(text.length - 1, tokens, name);
                        assertEquals(tokens, heard.stats.cachedTokens(), name);
                        assertArrayEquals(expected, heard.reply, name);
                    }
                }
            }
        }
    }

    @Test
    void savingAndRestoringGivesPagesBack() {
        try (Device device = new ReferenceDevice(); Engine engine = engine(model(null), device, DType.F32, 128)) {
            int[] prompt = engine.model().tokenizer().encode(TEXT, Tokenizer.Special.TEXT);
            ask(engine, prompt);
            byte[] saved = engine.awaitSavePrefix(prompt);
            int free = engine.status().freeKvPages();
            for (int i = 0; i < 100; i++) {
                engine.restorePrefix(saved);
                engine.awaitSavePrefix(prompt);
            }
            assertTrue(engine.status().freeKvPages() >= free - prompt.length / 16 - 1, "pages are given back");
            assertEquals(0, engine.awaitSavePrefix(new int[] {prompt[0] == 5 ? 6 : 5}).length);
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        try (Device device = new ReferenceDevice(); Engine engine = engine(model(null), device, DType.F32, 0)) {
            int[] prompt = engine.model().tokenizer().encode(TEXT, Tokenizer.Special.TEXT);
            ask(engine, prompt);
            byte[] saved = engine.awaitSavePrefix(prompt);
            refuse(saved, engine(model("other"), new ReferenceDevice(), DType.F32, 0), "model");
            refuse(saved, engine(model(null), new ReferenceDevice(), DType.F16, 0), "kind of KV cache");
            refuse(saved, engine(model(null), new ReferenceDevice(new DeviceInfo("reference", "x", "", List.of())), DType.F32, 16), "context");
            for (int length = 0; length < saved.length; length = length < 200 ? length + 1 : length * 2) {
                refuse(Arrays.copyOf(saved, length), engine, "");
            }
            byte[] header = saved.clone();
            header[11] = 0x7f;
            refuse(header, engine, "cut short");
        }
    }

    private static void refuse(byte[] saved, Engine engine, String why) {
        int free = engine.status().freeKvPages();
        var error = assertThrows(CremaException.class, () -> engine.restorePrefix(saved));
        assertTrue(error.code() == ErrorCode.INVALID_REQUEST || error.code() == ErrorCode.INVALID_JSON, error.getMessage());
        assertTrue(error.getMessage().contains(why), error.getMessage());
        assertEquals(free, engine.status().freeKvPages());
    }
}
