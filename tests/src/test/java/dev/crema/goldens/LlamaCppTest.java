package dev.crema.goldens;

import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.conformance.CtrlSpec;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.device.Device;
import dev.crema.json.Json;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.model.Config;
import dev.crema.model.Families;
import dev.crema.model.Weights;
import dev.crema.tensor.DType;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.GoldenModels;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.Shared;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.testing.TokenRunner;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Logits and greedy tokens against llama.cpp, for a tiny random model of each architecture and for two real ones. The same model is read
 * as GGUF and as safetensors, so that both ways of naming and of ordering q and k are held to the same truth.
 */
class LlamaCppTest {
    /** In F32 llama.cpp computes as we do but for the order of sums. */
    private static final double F32_TOLERANCE = 1e-3;

    /** llama.cpp looks GELU up in a table of half-precision numbers. */
    private static final double GELU_TOLERANCE = 3e-3;

    @TestFactory
    List<DynamicTest> devices() {
        var tests = new ArrayList<DynamicTest>();
        HostDevices.all().forEach((name, device) -> tests.addAll(tests(name, device)));
        return tests;
    }

    private static List<DynamicTest> tests(String name, Supplier<Device> device) {
        var tests = new ArrayList<DynamicTest>();
        for (SyntheticSpec spec : SyntheticSpecs.all()) {
            var checkpoint = new SyntheticCheckpoint(spec);
            String golden = spec.name() + "-f32";
            tests.add(test(name + " " + golden + " gguf", golden, () -> checkpoint.gguf(DType.F32), device));
            tests.add(test(name + " " + golden + " safetensors", golden, () -> checkpoint.huggingFace(DType.F32), device));
        }
        for (FamilySpec family : FamilySpecs.all()) {
            String golden = family.name() + "-f32";
            var checkpoint = new FamilyCheckpoint(family);
            tests.add(test(name + " " + golden + " gguf", golden, checkpoint::gguf, device));
            tests.add(test(name + " " + golden + " safetensors", golden, checkpoint::huggingFace, device));
        }
        tests.add(DynamicTest.dynamicTest(name + " tiny-ctrl safetensors", () -> check(Goldens.json("numpy/tiny-ctrl-f32.json"),
            new FamilyCheckpoint(CtrlSpec.make()).huggingFace(), device)));
        tests.add(test(name + " stories260k gguf", "stories260k", () -> MemoryFiles.read(Shared.model("stories260k/stories260K.gguf")), device));
        tests.add(test(name + " tinystories-656k safetensors", "tinystories-656k", () -> MemoryFiles.read(Shared.model("tinystories-656k")), device));
        for (DType dtype : new DType[] {DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
            tests.add(rounded(name, SyntheticSpecs.named("tiny-llama3"), dtype, device));
        }
        for (DType dtype : GoldenModels.READ_ONLY) {
            tests.add(rounded(name, SyntheticSpecs.superBlocks(), dtype, device));
        }
        return tests;
    }

    private static DynamicTest rounded(String name, SyntheticSpec spec, DType dtype, Supplier<Device> device) {
        String golden = spec.name() + "-" + dtype.name().toLowerCase();
        return DynamicTest.dynamicTest(name + " " + golden + " gguf", () -> checkRounded(golden, spec, dtype, device));
    }

    private static DynamicTest test(String name, String golden, Supplier<ModelFiles> files, Supplier<Device> device) {
        return DynamicTest.dynamicTest(name, () -> check(Goldens.json("llama-cpp/" + golden + ".json"), files.get(), device));
    }

    private static void check(Json.Obj golden, ModelFiles files, Supplier<Device> device) {
        Checkpoint checkpoint = Checkpoints.awaitOpen(files);
        String graph = Families.forward(new Config(checkpoint.config()), new Weights(checkpoint.tensors())).toString();
        try (Device used = device.get(); var runner = new TokenRunner(checkpoint, used, 256)) {
            float[][] rows = runner.logits(ints(golden, "prompt"));
            double worst = errors(golden, rows)[0];
            assertTrue(worst <= (graph.contains("gelu") ? GELU_TOLERANCE : F32_TOLERANCE), "the worst relative error of a logit is " + worst);
            int[] greedy = ints(golden, "greedy");
            assertArrayEquals(greedy, runner.greedy(rows[rows.length - 1], greedy.length), "greedy tokens; llama.cpp's smallest margin was "
                + golden.get("smallest_margin"));
        }
    }

    /**
     * In other formats llama.cpp rounds activations too (to f16, bf16 or q8_0), so only about two digits agree; a block read in the wrong
     * order is off by a hundred percent.
     */
    private static void checkRounded(String name, SyntheticSpec spec, DType dtype, Supplier<Device> device) {
        Json.Obj golden = Goldens.json("llama-cpp/" + name + ".json");
        ModelFiles files = new SyntheticCheckpoint(spec).gguf(dtype);
        try (Device used = device.get(); var runner = new TokenRunner(Checkpoints.awaitOpen(files), used, 256)) {
            float[][] rows = runner.logits(ints(golden, "prompt"));
            double tolerance = dtype == DType.F16 ? 0.005 : 0.05;
            double error = errors(golden, rows)[1];
            assertTrue(error <= tolerance, "the relative error of the logits is " + error);
        }
    }

    /** The largest difference of a logit, and the root mean square of all, both relative to the root mean square of the logits. */
    private static double[] errors(Json.Obj golden, float[][] rows) {
        double largest = 0;
        double noise = 0;
        double signal = 0;
        int count = 0;
        for (var entry : ((Json.Obj) golden.get("logits")).members().entrySet()) {
            float[] actual = rows[Integer.parseInt(entry.getKey())];
            List<Json> expected = ((Json.Arr) entry.getValue()).items();
            assertEquals(expected.size(), actual.length, "vocabulary");
            for (int i = 0; i < actual.length; i++, count++) {
                double value = ((Json.Num) expected.get(i)).doubleValue();
                double difference = Math.abs(value - actual[i]);
                largest = Math.max(largest, difference);
                noise += difference * difference;
                signal += value * value;
            }
        }
        return new double[] {largest / Math.sqrt(signal / count), Math.sqrt(noise / signal)};
    }

    private static int[] ints(Json.Obj golden, String key) {
        return ((Json.Arr) golden.get(key)).items().stream().mapToInt(item -> (int) ((Json.Num) item).longValue()).toArray();
    }
}
