package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;
import dev.crema.model.Weights;

import java.util.List;
import java.util.Map;

/** What GGUF keeps of models with multi-head latent attention: DeepSeek's with the matrices of keys and values apart, PLM's in one. */
final class LatentKeys {
    private static final String LAYERS = "model.layers.";

    private final Config config;
    private final String architecture;
    private final int heads;
    private final int nope;
    private final int rope;
    private final int rank;
    private final int value;

    /** {@code UNSUPPORTED_MODEL} where the config chooses experts in a way that GGUF has no keys for. */
    LatentKeys(Config config, String architecture) {
        this.config = config;
        this.architecture = architecture;
        heads = config.size("num_attention_heads");
        nope = config.size("qk_nope_head_dim");
        rope = config.size("qk_rope_head_dim");
        rank = config.size("kv_lora_rank");
        value = config.size("v_head_dim");
        if (!config.bool("rope_interleave", true)) {
            throw refused("rope_interleave", "GGUF's " + architecture + " rotates neighbours");
        }
        String method = config.string("topk_method", isSigmoid() ? "noaux_tc" : "greedy");
        if (isDeepSeek() && isSigmoid() != method.equals("noaux_tc")) {
            throw refused("topk_method", "GGUF's deepseek2 has noaux_tc with sigmoids, and greedy or group_limited_greedy with a softmax");
        }
    }

    static boolean isLatent(String architecture) {
        return architecture.equals("deepseek2") || architecture.equals("plm");
    }

    /** Whether a tensor belongs to the layers behind the last, with which DeepSeek-V3 guesses further tokens: files of llama.cpp do without. */
    static boolean isBeyond(Config config, String architecture, String name) {
        if (!isLatent(architecture) || !name.startsWith(LAYERS)) {
            return false;
        }
        int end = name.indexOf('.', LAYERS.length());
        String number = end < 0 ? "" : name.substring(LAYERS.length(), end);
        return number.matches("\\d{1,6}") && Integer.parseInt(number) >= config.size("num_hidden_layers");
    }

    private boolean isDeepSeek() {
        return architecture.equals("deepseek2");
    }

    private boolean isV2() {
        return config.string("model_type", "").equals("deepseek_v2");
    }

    private boolean isSigmoid() {
        return config.string("scoring_func", isV2() ? "softmax" : "sigmoid").equals("sigmoid");
    }

    void writeTo(GgufWriter gguf) {
        put(gguf, "attention.kv_lora_rank", rank);
        if (config.json().get("q_lora_rank") instanceof Json.Num) {
            put(gguf, "attention.q_lora_rank", config.size("q_lora_rank"));
        }
        if (isDeepSeek()) {
            put(gguf, "attention.head_count_kv", 1);
            put(gguf, "attention.key_length", rank + rope);
            put(gguf, "attention.value_length", rank);
            put(gguf, "attention.key_length_mla", nope + rope);
            put(gguf, "attention.value_length_mla", value);
            writeExperts(gguf);
        } else {
            put(gguf, "attention.head_count_kv", heads);
            put(gguf, "attention.key_length", nope + rope);
            put(gguf, "attention.value_length", value);
        }
    }

    private void writeExperts(GgufWriter gguf) {
        int groups = config.string("topk_method", "").equals("greedy") ? 1 : (int) config.number("n_group", 1);
        put(gguf, "leading_dense_block_count", (int) config.number("first_k_dense_replace", 0));
        put(gguf, "expert_count", config.size("n_routed_experts"));
        put(gguf, "expert_used_count", config.size("num_experts_per_tok"));
        put(gguf, "expert_shared_count", (int) config.number("n_shared_experts", 0));
        put(gguf, "expert_weights_scale", (float) config.number("routed_scaling_factor", 1));
        put(gguf, "expert_weights_norm", config.bool("norm_topk_prob", !isV2()));
        put(gguf, "expert_gating_func", isSigmoid() ? 2 : 1);
        if (groups > 1) {
            put(gguf, "expert_group_count", groups);
            put(gguf, "expert_group_used_count", config.size("topk_group"));
        }
    }

    /** Of {@code blk.N.attn_kv_b.weight} the two parts that DeepSeek's files have; other tensors alone, under {@code name}. */
    List<Map.Entry<String, TensorEntry>> parts(String name, TensorEntry tensor) {
        if (!isDeepSeek() || !name.endsWith(".attn_kv_b.weight")) {
            return List.of(Map.entry(name, tensor));
        }
        var weights = new Weights(Map.of(tensor.name(), tensor));
        Weight keys = weights.headsTurned(tensor.name(), "k^T", heads, nope + value, 0, nope, rank);
        Weight values = weights.heads(tensor.name(), "v", heads, nope + value, nope, value, rank);
        return List.of(Map.entry(name.replace("kv_b", "k_b"), entry(keys, weights)), Map.entry(name.replace("kv_b", "v_b"), entry(values, weights)));
    }

    private static TensorEntry entry(Weight weight, Weights weights) {
        return new TensorEntry(weight.name(), weight.dtype(), weight.shape(), weights.bytes(weight));
    }

    private CremaException refused(String key, String expected) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has " + key + " = " + config.json().get(key) + ", which GGUF can't say: "
            + expected + ".", "Crema loads the Hugging Face folder as it is.");
    }

    private void put(GgufWriter gguf, String key, Object value) {
        gguf.put(architecture + "." + key, value);
    }
}
