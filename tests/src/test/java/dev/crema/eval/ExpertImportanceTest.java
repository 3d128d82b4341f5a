package dev.crema.eval;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.device.Device;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Op;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.ImportanceFile;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.jvm.eval.ImportanceMatrix;
import dev.crema.jvm.eval.Scorer;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.tokenizer.Tokenizer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What each expert of a mixture reads: measured, kept, and used where its weights are rounded. */
class ExpertImportanceTest {
    private static final String TEXT = "The the in an other text that is to be read in windows of several tokens, some of which stand there twice. ".repeat(4);

    @TempDir
    Path folder;

    private static FamilySpec spec(String name) {
        return FamilySpecs.all().stream().filter(spec -> spec.name().equals(name)).findFirst().orElseThrow();
    }

    private static List<int[]> windows(Tokenizer tokenizer) {
        int[] tokens = tokenizer.encode(TEXT, Tokenizer.Special.TEXT);
        int prefix = tokenizer.addsBos() ? 1 : 0;
        List<int[]> windows = new ArrayList<>();
        for (int start = 0; start < tokens.length; start += 48 - prefix) {
            int[] window = new int[Math.min(48, tokens.length - start + prefix)];
            window[0] = tokenizer.bos();
            System.arraycopy(tokens, start, window, prefix, window.length - prefix);
            windows.add(window);
        }
        assertTrue(windows.size() > 1 && windows.getLast().length > 1, windows.size() + " windows");
        return windows;
    }

    /** Of one expert: the mean square, over the tokens that were sent to it, of what it read; null where there were none. */
    private static float[] meanOf(Scorer scorer, Op.ExpertMatMul op, int expert) {
        int in = op.weight().shape().last();
        int topK = op.routes().channels() / 2;
        double[] sum = new double[in];
        int[] met = {0};
        for (int[] window : windows(scorer.model().tokenizer())) {
            scorer.awaitSteps(window, (step, count) -> {
                float[] x = step.awaitValue(op.x());
                float[] routes = step.awaitValue(op.routes());
                for (int token = 0; token < count; token++) {
                    for (int i = 0; i < topK; i++) {
                        if (routes[token * 2 * topK + i] == expert) {
                            int from = op.x().channels() == in ? token * in : token * topK * in + i * in;
                            for (int c = 0; c < in; c++) {
                                sum[c] += Math.pow(x[from + c], 2);
                            }
                            met[0]++;
                        }
                    }
                }
            });
        }
        double all = Arrays.stream(sum).sum() / in;
        float[] mean = new float[in];
        for (int c = 0; c < in; c++) {
            mean[c] = (float) ((sum[c] + 1e-3 * all) / met[0]);
        }
        return met[0] == 0 ? null : mean;
    }

    @ParameterizedTest
    @CsvSource({"tiny-mixtral,model.layers.0.block_sparse_moe.experts.w1.weight,model.layers.1.block_sparse_moe.experts.w2.weight,4",
        "tiny-qwen3moe,model.layers.0.mlp.experts.up_proj.weight,model.layers.1.mlp.experts.down_proj.weight,8"})
    void expertsHaveTheMeanSquareOfWhatComesToThem(String name, String up, String down, int experts) throws IOException {
        Model model = ImportanceMatrix.tapped(ModelLoader.awaitOpen(new FamilyCheckpoint(spec(name)).gguf(), null, 0));
        Map<String, float[]> means = Map.of();
        for (var each : HostDevices.all().entrySet()) {
            try (Device device = each.getValue().get(); Scorer scorer = Scorer.awaitOpen(model, device, 48, Progress.NONE)) {
                means = ImportanceMatrix.await(scorer, TEXT, 48, share -> { });
                for (String weight : new String[] {up, down}) {
                    var op = (Op.ExpertMatMul) model.graph().ops().stream().filter(any -> any instanceof Op.ExpertMatMul experted && experted.weight().name().equals(weight))
                        .findFirst().orElseThrow();
                    int in = op.weight().shape().last();
                    assertEquals(experts * in, means.get(weight).length);
                    int met = 0;
                    for (int expert = 0; expert < experts; expert++) {
                        float[] expected = meanOf(scorer, op, expert);
                        if (expected != null) {
                            assertArrayEquals(expected, Arrays.copyOfRange(means.get(weight), expert * in, (expert + 1) * in), 1e-5f, each.getKey() + " " + weight + " " + expert);
                            met++;
                        }
                    }
                    assertTrue(met >= 2, met + " experts");
                }
            }
        }
        Path file = folder.resolve("imatrix.gguf");
        assertEquals(means.size(), ImportanceFile.write(file, means, model.weights().used(), model.checkpoint().config()));
        Map<String, float[]> read = ImportanceFile.read(file);
        assertArrayEquals(means.get(up), read.get("blk.0.ffn_" + (up.contains("w1") ? "gate" : "up") + "_exps.weight"));
        assertArrayEquals(means.get(down), read.get("blk.1.ffn_down_exps.weight"));
        // A Hugging Face folder has a tensor an expert.
        Checkpoint parts = Checkpoints.awaitOpen(new FamilyCheckpoint(spec(name)).huggingFace());
        int in = means.get(down).length / experts;
        assertArrayEquals(Arrays.copyOfRange(means.get(down), 2 * in, 3 * in), ImportanceFile.named(read, parts).get(down.replace("experts.", "experts.2.")));
    }

    /** Names of a folder's weights, of which graphs make stacks or parts, are those of GGUF's tensors in the file. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-mixtral", "tiny-qwen3moe", "tiny-granitemoe"})
    void everyStackOfExpertsHasItsImportance(String name) throws IOException {
        Model model = ImportanceMatrix.tapped(ModelLoader.awaitOpen(new FamilyCheckpoint(spec(name)).huggingFace(), null, 0));
        Path file = folder.resolve("imatrix.gguf");
        try (var device = new ReferenceDevice(); Scorer scorer = Scorer.awaitOpen(model, device, 48, Progress.NONE)) {
            ImportanceFile.write(file, ImportanceMatrix.await(scorer, TEXT, 48, share -> { }), model.weights().used(), model.checkpoint().config());
        }
        Map<String, float[]> read = ImportanceFile.read(file);
        int stacks = 0;
        for (TensorEntry tensor : GgufFiles.awaitFind(new FamilyCheckpoint(spec(name)).gguf()).tensors().values()) {
            if (tensor.name().endsWith("_exps.weight")) {
                assertEquals(tensor.shape().extent(0) * tensor.shape().last(), read.get(tensor.name()).length, tensor.name());
                stacks++;
            }
        }
        assertEquals(0, stacks % 3);
        assertTrue(stacks > 0);
    }

    @Test
    void eachExpertIsRoundedByItsOwn() throws IOException {
        FamilySpec mixtral = spec("tiny-mixtral");
        Checkpoint plain = Checkpoints.awaitOpen(new FamilyCheckpoint(mixtral).gguf());
        String weight = plain.tensors().keySet().stream().filter(name -> name.contains(".0.") && name.contains("w2")).findFirst().orElseThrow();
        TensorEntry stack = plain.tensors().get(weight);
        int columns = stack.shape().last();
        float[] importance = new float[4 * columns];
        for (int i = 0; i < importance.length; i++) {
            importance[i] = (i * 7 + i / columns * 5) % 11 == 0 ? 100 : 0.01f;
        }
        var options = new Conversion.Options(new TypeMix(DType.Q4_0, true), Rounding.SEARCH, Map.of("blk.0.ffn_down_exps.weight", importance), 0, 2);
        Path target = folder.resolve("out.gguf");
        new Conversion(options, Progress.NONE, new Cancellation()).run(new FamilyCheckpoint(mixtral).huggingFace(), target);
        Checkpoint converted = Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(target)));
        byte[] found = bytes(converted.tensors().get(weight));
        float[] values = new float[(int) stack.shape().elements()];
        Quant.dequantize(DType.F32, bytes(stack), 0, values, 0, values.length);
        int each = values.length / 4;
        int size = (int) DType.Q4_0.bytes(each);
        for (int expert = 0; expert < 4; expert++) {
            float[] repeated = new float[each];
            for (int i = 0; i < each; i++) {
                repeated[i] = importance[expert * columns + i % columns];
            }
            byte[] expected = new byte[size];
            byte[] without = new byte[size];
            Quantizer.of(DType.Q4_0, Rounding.SEARCH).quantize(Arrays.copyOfRange(values, expert * each, (expert + 1) * each), repeated, 0, expected, 0, each);
            Quantizer.of(DType.Q4_0, Rounding.SEARCH).quantize(Arrays.copyOfRange(values, expert * each, (expert + 1) * each), null, 0, without, 0, each);
            assertArrayEquals(expected, Arrays.copyOfRange(found, expert * size, (expert + 1) * size), "expert " + expert);
            assertFalse(Arrays.equals(expected, without), "importance changes nothing");
        }
    }

    private static byte[] bytes(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        return bytes;
    }

    private Map<String, float[]> read(float[] sums, float[] counts) throws IOException {
        byte[] sumBytes = new byte[4 * sums.length];
        byte[] countBytes = new byte[4 * counts.length];
        Quant.quantize(DType.F32, sums, 0, sumBytes, 0, sums.length);
        Quant.quantize(DType.F32, counts, 0, countBytes, 0, counts.length);
        Path file = folder.resolve("given.gguf");
        Files.write(file, new GgufWriter().put("general.type", "imatrix").tensor("x.in_sum2", DType.F32, Shape.of(sums.length / 2, 2), sumBytes)
            .tensor("x.counts", DType.F32, Shape.of(counts.length, 1), countBytes).toBytes());
        return new HashMap<>(ImportanceFile.read(file));
    }

    /** llama.cpp counts each expert's tokens. */
    @Test
    void sumsAreDividedByTheCountOfTheirExpert() throws IOException {
        float[] means = read(new float[] {4, 8, 0, 0, 10, 1}, new float[] {4, 0, 1}).get("x");
        assertArrayEquals(new float[] {1, 2, 14 / 5f, 9 / 5f, 10, 1}, means, 1e-6f);
        assertArrayEquals(new float[] {2, 4}, read(new float[] {4, 8}, new float[] {2}).get("x"), 1e-6f);
        String message = assertThrows(CremaException.class, () -> read(new float[] {4, 8, 0, 0, 10, 1}, new float[] {4, 0})).getMessage();
        assertTrue(message.contains("x.in_sum2 has 3 rows, but there are 2 counts"), message);
    }
}
