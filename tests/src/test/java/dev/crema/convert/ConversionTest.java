package dev.crema.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.jvm.files.LocalFiles;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a model says is the same before and after; files are whole or not there. */
class ConversionTest {
    /** One layer in whose rows super-blocks fit. */
    private static final SyntheticSpec SMALL = new SyntheticSpec("tiny-one-layer", "llama", 256, 256, 1, 8, 4, 32, 320, false, null, 0, 256, 1e-5f, 9);

    @TempDir
    Path folder;

    private static Conversion.Options options(DType type, boolean pure, long shardBytes) {
        return new Conversion.Options(new TypeMix(type, pure), Rounding.SEARCH, Map.of(), shardBytes, 2);
    }

    private static void convert(ModelFiles from, Path to, Conversion.Options options) throws IOException {
        new Conversion(options, Progress.NONE, new Cancellation()).run(from, to);
    }

    private static float[] logits(Checkpoint checkpoint) {
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            return runner.logits(1, 48, 85, 122, 159)[4];
        }
    }

    private static Checkpoint open(Path path) {
        return Checkpoints.awaitOpen(path.getFileName().toString().endsWith(".gguf")
            ? new MemoryFiles("x.gguf").put(path.getFileName().toString(), read(path)) : MemoryFiles.read(path));
    }

    private static byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    static Stream<SyntheticSpec> specs() {
        return SyntheticSpecs.all().stream();
    }

    /** GGUF orders q and k of llama in another way, so that sums come out in another order, no more. */
    @ParameterizedTest
    @MethodSource("specs")
    void huggingFaceToGgufKeepsLogitsAndTokens(SyntheticSpec spec) throws IOException {
        ModelFiles source = new SyntheticCheckpoint(spec).huggingFace(DType.F32);
        Path target = folder.resolve("out.gguf");
        convert(source, target, options(DType.F32, false, 0));
        Checkpoint before = Checkpoints.awaitOpen(source);
        Checkpoint after = open(target);
        float[] expected = logits(before);
        float[] actual = logits(after);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-4f * (1 + Math.abs(expected[i])), spec.name() + " logit " + i);
        }
        Tokenizer tokens = Tokenizers.ofHuggingFace(before.tokenizerJson(), before.tokenizerConfig());
        Tokenizer written = Tokenizers.ofGguf(after.metadata());
        String text = "<|im_start|>Hello on the 1st, it's\n  the end<|im_end|>";
        assertArrayEquals(tokens.encode(text, Tokenizer.Special.PARSE), written.encode(text, Tokenizer.Special.PARSE));
        assertEquals(tokens.eos(), written.eos());
        assertEquals(tokens.addsBos(), written.addsBos());
        assertEquals(before.chatTemplate(), after.chatTemplate());
        assertEquals(source.name(), after.metadata().string("general.name", ""));
    }

    /** The same keys and, where the format stays, the same bytes. */
    @Test
    void ggufToGgufKeepsKeysAndBytes() throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SyntheticSpecs.superBlocks()).gguf(DType.Q4_K);
        Path target = folder.resolve("out.gguf");
        convert(source, target, options(DType.Q4_K, true, 0));
        Checkpoint before = Checkpoints.awaitOpen(source);
        Checkpoint after = open(target);
        before.metadata().values().forEach((key, value) -> {
            if (value instanceof String[] texts) {
                assertArrayEquals(texts, after.metadata().strings(key), key);
            } else if (value instanceof int[] numbers) {
                assertArrayEquals(numbers, after.metadata().integers(key), key);
            } else {
                assertEquals(value, after.metadata().values().get(key), key);
            }
            assertEquals(before.metadata().type(key), after.metadata().type(key), key);
        });
        assertEquals(before.tensors().keySet(), after.tensors().keySet());
        before.tensors().forEach((name, tensor) -> assertArrayEquals(bytes(tensor), bytes(after.tensors().get(name)), name));
    }

    private static byte[] bytes(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** Every type that can be written gives a model that can be read; norms stay F32, the head is kept better. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
        "IQ4_NL", "IQ4_XS", "MXFP4"})
    void everyTypeIsWritten(DType type) throws IOException {
        assertTrue(Quantizer.supports(type));
        Path target = folder.resolve("out.gguf");
        convert(new SyntheticCheckpoint(SMALL).huggingFace(DType.BF16), target,
            new Conversion.Options(new TypeMix(type, false), Rounding.PLAIN, Map.of(), 0, 2));
        Checkpoint checkpoint = open(target);
        assertEquals(type, checkpoint.tensors().get("model.layers.0.self_attn.q_proj.weight").dtype());
        assertEquals(DType.F32, checkpoint.tensors().get("model.norm.weight").dtype());
        DType head = checkpoint.tensors().get("lm_head.weight").dtype();
        assertEquals(List.of(DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q6_K).contains(type) ? type : DType.Q6_K, head);
        assertTrue(checkpoint.tensors().values().stream().allMatch(tensor -> Quant.supports(tensor.dtype())));
        float[] exact = logits(Checkpoints.awaitOpen(new SyntheticCheckpoint(SMALL).huggingFace(DType.F32)));
        float[] rounded = logits(checkpoint);
        double error = 0;
        double all = 0;
        for (int i = 0; i < exact.length; i++) {
            error += Math.pow(exact[i] - rounded[i], 2);
            all += exact[i] * exact[i];
        }
        // Weights without structure: two bits of each leave half of what the model says.
        double most = type == DType.Q2_K ? 0.7 : type == DType.Q3_K || type == DType.MXFP4 ? 0.25 : 0.12;
        assertTrue(error / all < most, type + " " + error / all);
    }

    /** From GGUF, from a folder for the web behind HTTP, and from safetensors: the same tensors. */
    @ParameterizedTest
    @EnumSource(value = DType.class, names = {"F16", "BF16", "Q4_1", "Q8_0", "Q3_K", "IQ4_NL"})
    void whereItComesFromMakesNoDifference(DType type) throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SMALL).huggingFace(DType.F32);
        convert(source, folder.resolve("f32.gguf"), options(DType.F32, false, 0));
        convert(source, folder.resolve("web"), options(DType.F32, false, 700_000));
        var plain = new Conversion.Options(new TypeMix(type, false), Rounding.PLAIN, Map.of(), 0, 2);
        convert(source, folder.resolve("a.gguf"), plain);
        convert(new MemoryFiles("f32.gguf").put("f32.gguf", read(folder.resolve("f32.gguf"))), folder.resolve("b.gguf"), plain);
        convert(new Unlisted(MemoryFiles.read(folder.resolve("web"))), folder.resolve("c.gguf"), plain);
        Map<String, TensorEntry> expected = open(folder.resolve("a.gguf")).tensors();
        for (String name : List.of("b.gguf", "c.gguf")) {
            Map<String, TensorEntry> actual = open(folder.resolve(name)).tensors();
            assertEquals(expected.keySet(), actual.keySet());
            expected.forEach((tensor, entry) -> assertArrayEquals(bytes(entry), bytes(actual.get(tensor)), name + " " + tensor));
        }
    }

    /** Rows of 96 are no whole super-blocks. */
    @Test
    void aFormatThatDoesNotFitGivesWayToTheNextOneAbove() throws IOException {
        Path target = folder.resolve("out.gguf");
        convert(new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen2")).huggingFace(DType.F32), target, options(DType.Q4_K, false, 0));
        Map<String, TensorEntry> tensors = open(target).tensors();
        assertEquals(DType.Q5_0, tensors.get("model.layers.0.self_attn.q_proj.weight").dtype());
        assertEquals(DType.Q8_0, tensors.get("model.embed_tokens.weight").dtype());
        assertEquals(DType.F32, tensors.get("model.layers.0.self_attn.q_proj.bias").dtype());
    }

    @Test
    void aWebFolderIsPartsWithAManifest() throws Exception {
        ModelFiles source = new SyntheticCheckpoint(SyntheticSpecs.superBlocks()).huggingFace(DType.F32);
        Path target = folder.resolve("web");
        convert(source, target, options(DType.F16, false, 700_000));
        MemoryFiles files = MemoryFiles.read(target);
        String manifest = new String(files.get("crema.json"), StandardCharsets.UTF_8);
        assertTrue(files.names().size() > 3, files.names().toString());
        for (String name : files.names()) {
            assertTrue(files.get(name).length <= 700_000, name);
            if (name.endsWith(".gguf")) {
                String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(files.get(name)));
                assertTrue(manifest.contains(sum) && manifest.contains(name), name);
            }
        }
        Path single = folder.resolve("single.gguf");
        convert(source, single, options(DType.F16, false, 0));
        float[] expected = logits(open(single));
        assertArrayEquals(expected, logits(Checkpoints.awaitOpen(files)));
        assertArrayEquals(expected, logits(Checkpoints.awaitOpen(new Unlisted(files))));
        // One part stands for all, from a path too.
        String second = files.names().stream().filter(name -> name.contains("-00002-of-")).findFirst().orElseThrow();
        try (var local = LocalFiles.of(target.resolve(second))) {
            assertArrayEquals(expected, logits(Checkpoints.awaitOpen(local)));
        }
        files.put(second, new byte[100]);
        CremaException error = assertThrows(CremaException.class, () -> Checkpoints.awaitOpen(new Unlisted(files)));
        assertTrue(error.getMessage().contains(second + " has 100 bytes"), error.getMessage());
    }

    /** A folder behind HTTP. */
    private record Unlisted(MemoryFiles files) implements ModelFiles {
        @Override
        public String name() {
            return "unlisted";
        }

        @Override
        public List<String> names() {
            return null;
        }

        @Override
        public dev.crema.device.Bytes awaitOpen(String name) {
            return files.awaitOpen(name);
        }
    }

    /** Broken off after some tensors, started again: the rest is added, and the file is the one of a conversion in one go. */
    @Test
    void anInterruptedConversionIsContinued() throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SMALL).huggingFace(DType.F32);
        Path whole = folder.resolve("whole.gguf");
        Path target = folder.resolve("out.gguf");
        var options = options(DType.Q4_K, false, 0);
        convert(source, whole, options);
        var cancellation = new Cancellation();
        long[] seen = {0};
        assertThrows(CremaException.class, () -> new Conversion(options, (phase, what, done, total) -> {
            seen[0] = done;
            if (done > total / 2) {
                cancellation.cancel();
            }
        }, cancellation).run(source, target));
        assertFalse(Files.exists(target));
        assertTrue(Files.exists(folder.resolve("out.gguf.part")));
        long[] first = {-1};
        new Conversion(options, (phase, what, done, total) -> first[0] = first[0] < 0 ? done : first[0], new Cancellation()).run(source, target);
        assertTrue(first[0] > 0 && first[0] <= seen[0], first[0] + " of " + seen[0]);
        assertArrayEquals(read(whole), read(target));
        try (var left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
    }

    @Test
    void whatAnotherConversionLeftIsNotContinued() throws IOException {
        Path target = folder.resolve("out.gguf");
        var cancellation = new Cancellation();
        var first = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen3"));
        assertThrows(CremaException.class, () -> new Conversion(options(DType.Q8_0, false, 0), (phase, what, done, total) -> {
            if (done > total / 2) {
                cancellation.cancel();
            }
        }, cancellation).run(first.huggingFace(DType.F32), target));
        ModelFiles other = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-llama")).huggingFace(DType.F32);
        convert(other, target, options(DType.Q8_0, false, 0));
        Path whole = folder.resolve("whole.gguf");
        convert(other, whole, options(DType.Q8_0, false, 0));
        assertArrayEquals(read(whole), read(target));
    }

    /** By the name that the tensor has in GGUF; the others come out as without. */
    @Test
    void importanceIsOfOneTensor() throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SMALL).huggingFace(DType.F32);
        float[] importance = new float[256];
        for (int i = 0; i < 256; i++) {
            importance[i] = i % 16 == 0 ? 100 : 1;
        }
        convert(source, folder.resolve("alike.gguf"), options(DType.Q4_K, false, 0));
        convert(source, folder.resolve("weighted.gguf"), new Conversion.Options(new TypeMix(DType.Q4_K, false), Rounding.SEARCH,
            Map.of("blk.0.attn_q.weight", importance), 0, 2));
        Map<String, TensorEntry> alike = open(folder.resolve("alike.gguf")).tensors();
        open(folder.resolve("weighted.gguf")).tensors().forEach((name, tensor) -> assertEquals(!name.equals("model.layers.0.self_attn.q_proj.weight"),
            Arrays.equals(bytes(alike.get(name)), bytes(tensor)), name));
    }

    @Test
    void refusalsNameWhatIsWrong() {
        ModelFiles source = new SyntheticCheckpoint(SMALL).huggingFace(DType.F32);
        CremaException error = assertThrows(CremaException.class, () -> convert(source, folder.resolve("none/out.gguf"), options(DType.F16, false, 0)));
        assertEquals(ErrorCode.NOT_FOUND, error.code());
        error = assertThrows(CremaException.class, () -> convert(source, folder.resolve("web"), options(DType.F32, false, 100_000)));
        assertEquals("shard-size", error.param());
        assertNotNull(error.hint());
        MemoryFiles strange = new SyntheticCheckpoint(SMALL).huggingFace(DType.F32);
        strange.put("config.json", new String(strange.get("config.json"), StandardCharsets.UTF_8).replace("\"llama\"", "\"mamba\"")
            .getBytes(StandardCharsets.UTF_8));
        error = assertThrows(CremaException.class, () -> convert(strange, folder.resolve("out.gguf"), options(DType.F16, false, 0)));
        assertTrue(error.getMessage().contains("\"mamba\""), error.getMessage());
    }
}
