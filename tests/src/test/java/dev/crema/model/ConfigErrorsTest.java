package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Bytes;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import org.junit.jupiter.api.Test;

import java.util.LinkedHashMap;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Configs and tensors that no family can make a graph of: each error says what and with which numbers. */
class ConfigErrorsTest {
    private static final Checkpoint QWEN = Checkpoints.awaitOpen(new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen3")).huggingFace(DType.F32));

    @Test
    void unknownArchitectures() {
        refused(ErrorCode.UNSUPPORTED_MODEL, "model_type", "\"unheard\"", "unheard", "llama, mistral", "qwen3", "Add a model family");
        refused(ErrorCode.UNSUPPORTED_MODEL, "model_type", "\"mamba2\"", "mamba2", "recurrent state", "llama, mistral");
        refused(ErrorCode.UNSUPPORTED_MODEL, "model_type", "\"rwkv7\"", "rwkv7", "recurrent state");
        refused(ErrorCode.UNSUPPORTED_MODEL, "model_type", "null", "no model_type");
        refused(ErrorCode.INVALID_CHECKPOINT, "model_type", "3", "model_type = 3", "a string");
        refused(ErrorCode.UNSUPPORTED_MODEL, "hidden_act", "\"gelu_10\"", "gelu_10", "hidden_act");
        refused(ErrorCode.UNSUPPORTED_MODEL, "quantization_config", "{\"quant_method\":\"gptq\"}", "gptq", "GGUF");
    }

    @Test
    void numbersThatDoNotFit() {
        for (String number : new String[] {"0", "-1", "1.5", "\"64\"", "9223372036854775807", "9999999999999999999999", "true", "[]"}) {
            for (String key : new String[] {"hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "intermediate_size", "head_dim",
                "num_key_value_heads"}) {
                refused(ErrorCode.INVALID_CHECKPOINT, key, number, key, "a positive whole number");
            }
        }
        refused(ErrorCode.INVALID_CHECKPOINT, "hidden_size", "null", "no hidden_size");
        refused(ErrorCode.INVALID_CHECKPOINT, "num_key_value_heads", "3", "4", "3");
        refused(ErrorCode.INVALID_CHECKPOINT, "head_dim", "2147483647", "2147483647");
        refused(ErrorCode.INVALID_CHECKPOINT, "head_dim", "500000000", "500000000");
        refused(ErrorCode.INVALID_CHECKPOINT, "head_dim", "31", "31");
        refused(ErrorCode.MISSING_TENSOR, "num_hidden_layers", "2147483647", "model.layers.3.input_layernorm.weight");
        refused(ErrorCode.INVALID_CHECKPOINT, "vocab_size", "321", "model.embed_tokens.weight", "[320,64]", "[321,64]");
        refused(ErrorCode.INVALID_CHECKPOINT, "intermediate_size", "95", "mlp.gate_proj.weight", "[96,64]", "[95,64]");
        refused(ErrorCode.INVALID_CHECKPOINT, "rms_norm_eps", "\"small\"", "rms_norm_eps", "a number");
        refused(ErrorCode.INVALID_CHECKPOINT, "rope_theta", "-1", "theta -1");
        refused(ErrorCode.INVALID_CHECKPOINT, "partial_rotary_factor", "0.01", "0.0 of 32 channels");
    }

    @Test
    void ropeScalingOfOtherKinds() {
        refused(ErrorCode.UNSUPPORTED_MODEL, "rope_scaling", "{\"type\":\"dynamic\",\"factor\":2}", "dynamic", "yarn");
        refused(ErrorCode.INVALID_CHECKPOINT, "rope_scaling", "{\"rope_type\":\"longrope\",\"factor\":2}", "short_factor");
        refused(ErrorCode.INVALID_CHECKPOINT, "rope_scaling", "{\"rope_type\":\"linear\",\"factor\":0}", "factor 0");
        refused(ErrorCode.INVALID_CHECKPOINT, "rope_scaling", "{\"rope_type\":\"llama3\",\"factor\":2}", "rope_scaling.low_freq_factor");
        refused(ErrorCode.INVALID_CHECKPOINT, "rope_scaling", "\"linear\"", "an object");
    }

    @Test
    void longRopeBeyondItsFirstContext() {
        var factors = new Json.Arr();
        for (int i = 0; i < 16; i++) {
            factors.add(Json.of(1L));
        }
        var config = new Json.Obj();
        config.members().putAll(QWEN.config().members());
        config.put("original_max_position_embeddings", 64L).put("rope_scaling", new Json.Obj().put("rope_type", "longrope")
            .put("short_factor", factors));
        var checkpoint = new Checkpoint(QWEN.name(), QWEN.format(), config, QWEN.generationConfig(), QWEN.tensors(), QWEN.metadata(), QWEN.tokenizerJson(),
            QWEN.tokenizerConfig(), QWEN.chatTemplate());
        assertEquals(64, ModelLoader.of(checkpoint, null, 0).contextLength());
        CremaException error = assertThrows(CremaException.class, () -> ModelLoader.of(checkpoint, null, 65));
        assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code());
        assertTrue(error.describe().contains("no list long_factor"), error.describe());
        ((Json.Obj) config.get("rope_scaling")).put("long_factor", factors);
        assertEquals(65, ModelLoader.of(checkpoint, null, 65).contextLength());
    }

    @Test
    void latentAttentionAndItsExperts() {
        Checkpoint checkpoint = latent("tiny-deepseek-v3");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "kv_lora_rank", "null", "no kv_lora_rank");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "kv_lora_rank", "31", "[144,32]", "[144,31]", "kv_b_proj");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "kv_lora_rank", "2147483647", "too large");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "v_head_dim", "19", "[140,32]", "[144,32]", "kv_b_proj");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "qk_rope_head_dim", "7", "7.0 of 7 channels");
        latent(checkpoint, ErrorCode.UNSUPPORTED_MODEL, "topk_method", "\"lottery\"", "lottery", "noaux_tc");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "n_group", "3", "n_routed_experts 8 in n_group 3");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "topk_group", "5", "topk_group 5");
        latent(checkpoint, ErrorCode.INVALID_CHECKPOINT, "num_experts_per_tok", "5", "num_experts_per_tok 5");
    }

    private static Checkpoint latent(String name) {
        FamilySpec spec = FamilySpecs.all().stream().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
        return Checkpoints.awaitOpen(new FamilyCheckpoint(spec).huggingFace());
    }

    private static void latent(Checkpoint checkpoint, ErrorCode code, String key, String value, String... parts) {
        var config = new Json.Obj();
        config.members().putAll(checkpoint.config().members());
        error(code, config.put(key, JsonParser.parse(value)), checkpoint.tensors(), parts);
    }

    /** Of blocks a head's keys cannot be cut out crosswise, so they become F16. */
    @Test
    void quantizedHeadsAreTurned() {
        Checkpoint checkpoint = latent("tiny-deepseek-v2-lite");
        String name = "model.layers.0.self_attn.kv_b_proj.weight";
        var tensors = new LinkedHashMap<>(checkpoint.tensors());
        float[] values = new float[144 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i * 31 % 255 - 127) / 127f;
        }
        byte[] blocks = new byte[(int) DType.Q8_0.bytes(values.length)];
        Quant.quantize(DType.Q8_0, values, 0, blocks, 0, values.length);
        tensors.put(name, new TensorEntry(name, DType.Q8_0, Shape.of(144, 32), new ArrayBytes(blocks)));
        Weight turned = new Weights(tensors).headsTurned(name, "k^T", 4, 36, 0, 16, 32);
        assertEquals(DType.F16, turned.dtype());
        assertEquals(Shape.of(4, 32, 16), turned.shape());
        var weights = new Weights(tensors);
        Bytes bytes = weights.bytes(weights.headsTurned(name, "k^T", 4, 36, 0, 16, 32));
        byte[] read = new byte[(int) bytes.length()];
        bytes.awaitRead(0, read, 0, read.length);
        float[] found = new float[4 * 32 * 16];
        Quant.dequantize(DType.F16, read, 0, found, 0, found.length);
        for (int i = 0; i < found.length; i++) {
            int head = i / 512;
            assertEquals(values[(head * 36 + i % 16) * 32 + i / 16 % 32], found[i], 0.005f, "element " + i);
        }
    }

    @Test
    void tensors() {
        String name = "model.layers.1.mlp.up_proj.weight";
        var missing = new LinkedHashMap<>(QWEN.tensors());
        missing.remove(name);
        error(ErrorCode.MISSING_TENSOR, QWEN.config(), missing, name, "[96,64]");
        var turned = new LinkedHashMap<>(QWEN.tensors());
        turned.put(name, new TensorEntry(name, DType.F32, Shape.of(64, 96), turned.get(name).bytes()));
        error(ErrorCode.INVALID_CHECKPOINT, QWEN.config(), turned, name, "[64,96]", "[96,64]");
        var packed = new LinkedHashMap<>(QWEN.tensors());
        packed.put(name, new TensorEntry(name, DType.BOOL, Shape.of(96, 64), packed.get(name).bytes()));
        error(ErrorCode.UNSUPPORTED_MODEL, QWEN.config(), packed, name, "BOOL", "Q8_0, Q2_K");
        var norm = new LinkedHashMap<>(QWEN.tensors());
        norm.put("model.norm.weight", new TensorEntry("model.norm.weight", DType.Q8_0, Shape.of(64), norm.get(name).bytes()));
        error(ErrorCode.UNSUPPORTED_MODEL, QWEN.config(), norm, "model.norm.weight", "Q8_0");
    }

    private static void refused(ErrorCode code, String key, String value, String... parts) {
        var config = new Json.Obj();
        config.members().putAll(QWEN.config().members());
        error(code, config.put(key, JsonParser.parse(value)), QWEN.tensors(), parts);
    }

    private static void error(ErrorCode code, Json.Obj config, Map<String, TensorEntry> tensors, String... parts) {
        CremaException error = assertThrows(CremaException.class, () -> Families.forward(new Config(config), new Weights(tensors)), String.join(" ", parts));
        assertEquals(code, error.code(), error.describe());
        for (String part : parts) {
            assertTrue(error.describe().contains(part), error.describe() + "\ndoes not say: " + part);
        }
    }
}
