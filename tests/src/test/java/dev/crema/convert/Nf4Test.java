package dev.crema.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.FamilySpecs;
import dev.crema.json.JsonParser;
import dev.crema.jvm.convert.Conversion;
import dev.crema.quant.BlockRounding;
import dev.crema.quant.Quant;
import dev.crema.quant.Rounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.testing.TokenRunner;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** bitsandbytes' nf4 as transformers stores it, written and read again. */
class Nf4Test {
    /** bitsandbytes' table, functional.py, get_4bit_type. */
    private static final float[] PUBLISHED = {-1, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f, 0.44070982933044434f, 0.5626170039176941f,
        0.7229568362236023f, 1};

    @TempDir
    Path folder;

    private MemoryFiles convert(ModelFiles source, long shardBytes) throws IOException {
        Path target = folder.resolve("nf4");
        new Conversion(new Conversion.Options(null, Rounding.SEARCH, Map.of(), shardBytes, 2), Progress.NONE, new Cancellation()).run(source, target);
        return MemoryFiles.read(target);
    }

    private static float[] values(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    private static float[] logits(Checkpoint checkpoint) {
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            return runner.logits(1, 48, 85, 122, 159)[4];
        }
    }

    @Test
    void levelsAreThePublishedOnes() {
        assertArrayEquals(PUBLISHED, BlockRounding.nf4Levels(), 2e-6f);
    }

    /** Layers are what rounding in place gives, in blocks that go on from row to row; all else is as it was. */
    @Test
    void layersAreRoundedAndTheRestStays() throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen2")).huggingFace(DType.F32);
        Map<String, TensorEntry> before = Checkpoints.awaitOpen(source).tensors();
        Checkpoint after = Checkpoints.awaitOpen(convert(source, 0));
        assertEquals(before.keySet(), after.tensors().keySet());
        before.forEach((name, tensor) -> {
            float[] expected = values(tensor);
            boolean layer = name.contains(".layers.") && tensor.shape().rank() == 2;
            if (layer) {
                // As one row: 96 columns are one block and a half.
                BlockRounding.nf4(64).round(expected, expected.length, null);
            }
            assertEquals(layer ? DType.F16 : DType.F32, after.tensors().get(name).dtype(), name);
            float[] actual = values(after.tensors().get(name));
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], actual[i], layer ? 1e-3f * Math.abs(expected[i]) : 0, name + " " + i);
            }
        });
    }

    /** Weight and statistics of a layer stay in one file, and each file below the size. */
    @Test
    void aFolderOfSeveralFilesHasAnIndexAndAManifest() throws IOException {
        ModelFiles source = new SyntheticCheckpoint(SyntheticSpecs.superBlocks()).huggingFace(DType.BF16);
        float[] expected = logits(Checkpoints.awaitOpen(convert(source, 0)));
        MemoryFiles files = convert(source, 400_000);
        var shards = files.names().stream().filter(name -> name.endsWith(".safetensors")).toList();
        assertTrue(shards.size() > 2 && shards.stream().allMatch(name -> files.get(name).length <= 400_000), shards.toString());
        assertArrayEquals(expected, logits(Checkpoints.awaitOpen(files)));
        var weights = JsonParser.parseObject(new String(files.get("model.safetensors.index.json"), StandardCharsets.UTF_8)).get("weight_map").toString();
        assertTrue(weights.contains("quant_state.bitsandbytes__nf4"), weights);
        String manifest = new String(files.get("crema.json"), StandardCharsets.UTF_8);
        assertTrue(files.names().stream().filter(name -> !name.equals("crema.json")).allMatch(manifest::contains), manifest);
        assertTrue(new String(files.get("config.json"), StandardCharsets.UTF_8).contains("\"bnb_4bit_compute_dtype\": \"bfloat16\""));
        assertFalse(files.names().contains("plan"));
    }

    @Test
    void routersOfMixturesStayAsTheyAre() throws IOException {
        var spec = FamilySpecs.all().stream().filter(each -> each.name().equals("tiny-mixtral")).findFirst().orElseThrow();
        MemoryFiles written = convert(new FamilyCheckpoint(spec).huggingFace(), 0);
        assertEquals(DType.F32, Checkpoints.awaitOpen(written).tensors().get("model.layers.0.block_sparse_moe.gate.weight").dtype());
        assertTrue(new String(written.get("config.json"), StandardCharsets.UTF_8).replaceAll("\\s", "").contains("\"llm_int8_skip_modules\":[\"gate\",\"lm_head\"]"));
    }

    @Test
    void ggufHasNoNf4() {
        CremaException error = assertThrows(CremaException.class, () -> convert(new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen2")).gguf(DType.F16), 0));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.getMessage().contains("GGUF") && error.hint().contains("IQ4_NL"), error.describe());
    }
}
