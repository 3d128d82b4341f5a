package dev.crema.model;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.device.Device;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.tensor.DType;
import dev.crema.testing.HostDevices;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.TokenRunner;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * Rotary positions are relative, so in a model of one layer a window of w tokens gives the logits of the same model without a window that is
 * shown the last w tokens only; and that one is held to llama.cpp.
 */
class SlidingWindowTest {
    private static final int WINDOW = 8;

    private static Checkpoint checkpoint(int window) {
        return Checkpoints.awaitOpen(new SyntheticCheckpoint(new SyntheticSpec("one-layer", "mistral", 64, 96, 1, 4, 2, 16, 320, true, null, window, 64,
            1e-5f, 11)).huggingFace(DType.F32));
    }

    @TestFactory
    List<DynamicTest> aWindowForgetsWhatIsBeforeIt() {
        var tests = new ArrayList<DynamicTest>();
        HostDevices.all().forEach((name, device) -> tests.add(DynamicTest.dynamicTest(name, () -> check(device))));
        return tests;
    }

    private static void check(Supplier<Device> device) {
        var tokens = new int[40];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (i * 31 + 7) % 290;
        }
        try (Device used = device.get(); var windowed = new TokenRunner(checkpoint(WINDOW), used, 64)) {
            // Two chunks, so that the window reaches over their border.
            float[][] first = windowed.logits(Arrays.copyOf(tokens, 21));
            float[][] second = windowed.logits(Arrays.copyOfRange(tokens, 21, 40));
            for (int position : new int[] {0, 6, 7, 8, 20, 21, 27, 39}) {
                float[] actual = position < 21 ? first[position] : second[position - 21];
                int[] seen = Arrays.copyOfRange(tokens, Math.max(0, position - WINDOW + 1), position + 1);
                assertArrayEquals(full(device, seen), actual, 1e-3f, "position " + position);
            }
            assertFalse(Arrays.equals(full(device, Arrays.copyOfRange(tokens, 31, 40)), second[18]), "nine tokens are not eight");
        }
    }

    private static float[] full(Supplier<Device> device, int[] tokens) {
        try (Device used = device.get(); var runner = new TokenRunner(checkpoint(0), used, 64)) {
            return runner.logits(tokens)[tokens.length - 1];
        }
    }
}
