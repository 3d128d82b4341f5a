package dev.crema.goldens;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.conformance.FamilySpec;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Embeddings of a tiny random encoder of each kind against llama.cpp's, which looks GELU up in a table of half-precision numbers. */
class EncodersTest {
    private static final double TOLERANCE = 1e-3;

    @TestFactory
    List<DynamicTest> devices() {
        var tests = new ArrayList<DynamicTest>();
        HostDevices.all().forEach((name, device) -> {
            for (FamilySpec spec : EncoderSpecs.all()) {
                var checkpoint = new FamilyCheckpoint(spec);
                tests.add(DynamicTest.dynamicTest(name + " " + spec.name() + " gguf", () -> check(spec, checkpoint.gguf(), device)));
                tests.add(DynamicTest.dynamicTest(name + " " + spec.name() + " safetensors", () -> check(spec, checkpoint.huggingFace(), device)));
            }
        });
        return tests;
    }

    private static void check(FamilySpec spec, ModelFiles files, Supplier<Device> device) {
        Json.Obj golden = Goldens.json("llama-cpp/" + spec.name() + "-f32.json");
        double[] expected = numbers(golden, "embedding");
        int[] tokens = new int[((Json.Arr) golden.get("prompt")).size()];
        double[] prompt = numbers(golden, "prompt");
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (int) prompt[i];
        }
        float[] states = states(files, tokens, device);
        // llama.h: 1 is mean, 2 the first token's.
        double[] pooled = pooled(states, expected.length, spec.metadata().get(spec.architecture() + ".pooling_type").equals(1) ? tokens.length : 1);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], pooled[i], TOLERANCE, "channel " + i);
        }
    }

    private static float[] states(ModelFiles files, int[] tokens, Supplier<Device> device) {
        Checkpoint checkpoint = Checkpoints.awaitOpen(files);
        var weights = new Weights(checkpoint.tensors());
        Graph graph = Families.forward(new Config(checkpoint.config()), weights);
        try (Device used = device.get()) {
            for (Weight weight : weights.used().values()) {
                used.upload(weight, weights.bytes(weight));
            }
            used.awaitUploads(Progress.NONE, new Cancellation());
            try (var executable = used.awaitCompile(graph, new Limits(64, 64, 1, 64, 4), Progress.NONE);
                    var sequence = executable.kvPool().newSequence()) {
                return executable.submit(new Batch(List.of(new Batch.Item(sequence, tokens, 0, null, false)))).awaitValue(graph.outputs().get(0));
            }
        }
    }

    /** The mean of the first rows, of length 1. */
    private static double[] pooled(float[] states, int hidden, int rows) {
        double[] sum = new double[hidden];
        double squares = 0;
        for (int i = 0; i < hidden; i++) {
            for (int row = 0; row < rows; row++) {
                sum[i] += states[row * hidden + i];
            }
            squares += sum[i] * sum[i];
        }
        for (int i = 0; i < hidden; i++) {
            sum[i] /= Math.sqrt(squares);
        }
        return sum;
    }

    private static double[] numbers(Json.Obj golden, String key) {
        return ((Json.Arr) golden.get(key)).items().stream().mapToDouble(item -> ((Json.Num) item).doubleValue()).toArray();
    }
}
