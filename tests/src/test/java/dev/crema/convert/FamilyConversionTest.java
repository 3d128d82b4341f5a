package dev.crema.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.CtrlSpec;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.quant.Quant;
import dev.crema.quant.Rounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SafeTensorsWriter;
import dev.crema.testing.TokenRunner;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A Hugging Face folder becomes the GGUF file that llama.cpp's goldens were made with: the same keys, the same tensors. */
class FamilyConversionTest {
    @TempDir
    Path folder;

    static Stream<FamilySpec> families() {
        return Stream.concat(FamilySpecs.all().stream(), EncoderSpecs.all().stream());
    }

    private static FamilySpec named(String name) {
        return families().filter(spec -> spec.name().equals(name)).findFirst().orElseThrow();
    }

    private Path convert(FamilySpec spec) throws IOException {
        return convert(new FamilyCheckpoint(spec).huggingFace());
    }

    private Path convert(MemoryFiles source) throws IOException {
        Path target = folder.resolve("out.gguf");
        var options = new Conversion.Options(new TypeMix(DType.F32, false), Rounding.PLAIN, Map.of(), 0, 1);
        new Conversion(options, Progress.NONE, new Cancellation()).run(source, target);
        return target;
    }

    /** Of the models that llama.cpp's converter writes today; one is a file from before its absorbed form. */
    static Stream<FamilySpec> current() {
        return families().filter(spec -> !spec.name().equals("tiny-deepseek-v2-lite"));
    }

    @ParameterizedTest
    @MethodSource("current")
    void keysAndTensorsAreThoseOfTheConvertersOfLlamaCpp(FamilySpec spec) throws IOException {
        MemoryFiles made = new FamilyCheckpoint(spec).gguf();
        Checkpoint expected = Checkpoints.awaitOpen(made);
        Path file = convert(spec);
        Checkpoint actual = open(file);
        assertEquals(ggufNames(made), ggufNames(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(file))));
        spec.metadata().keySet().forEach(key -> assertEquals(expected.metadata().values().get(key), actual.metadata().values().get(key), key));
        assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
        for (TensorEntry tensor : expected.tensors().values()) {
            TensorEntry other = actual.tensors().get(tensor.name());
            assertEquals(tensor.shape(), other.shape(), tensor.name());
            // One less and one more again may differ in the last bit.
            assertArrayEquals(values(tensor), values(other), 2e-7f, tensor.name());
        }
    }

    private static Set<String> ggufNames(MemoryFiles files) {
        return GgufFiles.awaitFind(files).tensors().keySet();
    }

    private static Checkpoint open(Path file) throws IOException {
        return Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(file)));
    }

    private static float[] logits(Checkpoint checkpoint) {
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            return runner.logits(1, 48, 85, 122, 159, 48, 85)[6];
        }
    }

    private static byte[] bytes(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        return bytes;
    }

    private static float[] values(TensorEntry tensor) {
        byte[] bytes = bytes(tensor);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    /** kv_b becomes k_b, transposed, and v_b; the model says the same. */
    @Test
    void latentAttentionIsWrittenInItsAbsorbedForm() throws IOException {
        FamilySpec spec = named("tiny-deepseek-v2-lite");
        Checkpoint written = open(convert(spec));
        assertEquals(Shape.of(4, 32, 16), written.tensors().get("model.layers.26.self_attn.k_b_proj.weight").shape());
        assertEquals(Shape.of(4, 20, 32), written.tensors().get("model.layers.26.self_attn.v_b_proj.weight").shape());
        spec.metadata().keySet().stream().filter(key -> key.contains("expert") || key.contains("rope")).forEach(key ->
            assertTrue(written.metadata().has(key), key));
        assertArrayEquals(logits(Checkpoints.awaitOpen(new FamilyCheckpoint(spec).huggingFace())), logits(written), 1e-4f);
    }

    /** DeepSeek-V3's layer behind the last, with a head for further tokens. */
    @Test
    void layersBehindTheLastAreLeftOut() throws IOException {
        FamilySpec spec = named("tiny-deepseek-v3");
        MemoryFiles plain = new FamilyCheckpoint(spec).huggingFace();
        var weights = new SafeTensorsWriter();
        Checkpoints.awaitOpen(plain).tensors().values().forEach(tensor -> weights.tensor(tensor.name(), tensor.dtype(), tensor.shape(), bytes(tensor)));
        weights.tensor("model.layers.3.eh_proj.weight", DType.F32, Shape.of(2, 4), new byte[32]);
        weights.tensor("model.layers.3.input_layernorm.weight", DType.F32, Shape.of(64), new byte[256]);
        plain.put("model.safetensors", weights.toBytes());
        assertEquals(Checkpoints.awaitOpen(new FamilyCheckpoint(spec).gguf()).tensors().keySet(), open(convert(plain)).tensors().keySet());
    }

    /** Both lists of divisors are tensors of GGUF, and how much scores grow is a key. */
    @Test
    void longRopeIsTwoTensorsAndAKey() throws IOException {
        FamilySpec spec = named("tiny-phithree");
        spec.config().put("original_max_position_embeddings", 64L).put("rope_scaling", JsonParser.parse(
            "{\"type\":\"longrope\",\"short_factor\":[1,1.1,1.2,1.3,1.4,1.5],\"long_factor\":[1,2,3,4,5,6]}"));
        MemoryFiles source = new FamilyCheckpoint(spec).huggingFace();
        Checkpoint written = open(convert(source));
        assertArrayEquals(new float[] {1, 1.1f, 1.2f, 1.3f, 1.4f, 1.5f}, values(written.tensors().get("rope_factors_short.weight")));
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, values(written.tensors().get("rope_factors_long.weight")));
        // transformers: sqrt(1 + ln(256 / 64) / ln(64))
        assertEquals(1.1547005f, written.metadata().number("phi3.rope.scaling.attn_factor", 0), 1e-6f);
        assertArrayEquals(logits(Checkpoints.awaitOpen(source)), logits(written), 1e-4f);
    }

    /** Gemma 3 with an eye for images: its text model is written. */
    @Test
    void theTextModelOfAnImageModelIsWritten() throws IOException {
        FamilySpec spec = named("tiny-gemma3");
        MemoryFiles plain = new FamilyCheckpoint(spec).huggingFace();
        var config = new Json.Obj().put("model_type", "gemma3").put("text_config", spec.config());
        var weights = new SafeTensorsWriter();
        Checkpoints.awaitOpen(plain).tensors().values().forEach(tensor -> weights.tensor("language_model." + tensor.name(), tensor.dtype(), tensor.shape(), bytes(tensor)));
        weights.tensor("vision_tower.vision_model.embeddings.patch_embedding.bias", DType.F32, Shape.of(4), new byte[16]);
        plain.put("config.json", config.toString().getBytes(StandardCharsets.UTF_8)).put("model.safetensors", weights.toBytes());
        assertArrayEquals(logits(Checkpoints.awaitOpen(plain)), logits(open(convert(plain))), 1e-4f);
    }

    @Test
    void whatCannotBeWrittenIsRefusedByItsType() {
        CremaException error = assertThrows(CremaException.class, () -> convert(CtrlSpec.make()));
        assertTrue(error.getMessage().contains("\"ctrl\""), error.getMessage());
    }

    /** What readers of GGUF take for granted of an architecture. */
    @ParameterizedTest
    @CsvSource({"tiny-qwen3moe, norm_topk_prob, false", "tiny-qwen2moe, norm_topk_prob, true", "tiny-gemma2, sliding_window_pattern, 3",
        "tiny-gemma2, query_pre_attn_scalar, 100", "tiny-smollm3, no_rope_layers, '[1,0,1,0]'", "tiny-granite, hidden_act, '\"gelu\"'", "tiny-falcon-7b, alibi, true",
        "tiny-phithree, rope_scaling, '{\"type\":\"dynamic\"}'", "tiny-deepseek-v3, topk_method, '\"greedy\"'", "tiny-plm, rope_interleave, false",
        "tiny-deepseek-v3, rope_scaling, '{\"type\":\"yarn\",\"factor\":4,\"mscale\":2}'", "tiny-olmo2, layer_types, '[\"sliding_attention\",\"full_attention\"]'"})
    void aConfigThatGgufCannotSayIsRefusedByItsKey(String name, String key, String value) {
        FamilySpec spec = named(name);
        spec.config().put(key, JsonParser.parse(value));
        CremaException error = assertThrows(CremaException.class, () -> convert(spec));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.getMessage().contains(key), error.getMessage());
    }
}
