package dev.crema.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.device.Device;
import dev.crema.jvm.synth.Shapes;
import dev.crema.jvm.synth.SyntheticModel;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SyntheticModelTest {
    static DType[] formats() {
        return Arrays.stream(DType.values()).filter(dtype -> Quant.supports(dtype) && dtype.ggmlId() >= 0).toArray(DType[]::new);
    }

    private static MemoryFiles write(DType dtype) {
        var out = new ByteArrayOutputStream();
        try {
            new SyntheticModel(Shapes.named("tiny"), dtype).writeTo(out, bytes -> { });
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return new MemoryFiles("tiny.gguf").put("tiny.gguf", out.toByteArray());
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aModelOfEachFormatDecodesAlikeOnEveryDevice(DType dtype) {
        Checkpoint checkpoint = Checkpoints.awaitOpen(write(dtype));
        int[] expected = null;
        for (var each : HostDevices.all().entrySet()) {
            try (Device device = each.getValue().get(); var runner = new TokenRunner(checkpoint, device, 64)) {
                int[] tokens = runner.greedy(runner.logits(5, 300, 700)[2], 4);
                expected = expected == null ? tokens : expected;
                assertArrayEquals(expected, tokens, each.getKey());
            }
        }
    }

    @Test
    void everyTokenIsText() {
        Tokenizer tokenizer = Tokenizers.ofGguf(Checkpoints.awaitOpen(write(DType.F16)).metadata());
        assertEquals(1024, tokenizer.vocabSize());
        for (int id = 284; id < 1024; id++) {
            assertTrue(tokenizer.decode(new int[] {id}, true).matches(" ([b-z][aeiou]){3}"), "token " + id);
        }
    }

    @Test
    void theSizesAreTheRealOnes() {
        // Of the models' own pages on Hugging Face.
        assertEquals(134_515_008, new SyntheticModel(Shapes.named("smollm2-135m"), DType.Q4_0).parameters());
        assertEquals(494_032_768, new SyntheticModel(Shapes.named("qwen2-0.5b"), DType.Q4_0).parameters());
        assertEquals(1_235_814_400, new SyntheticModel(Shapes.named("llama-3.2-1b"), DType.Q4_0).parameters());
        assertEquals(6_738_415_616L, new SyntheticModel(Shapes.named("llama-2-7b"), DType.Q4_0).parameters());
    }
}
