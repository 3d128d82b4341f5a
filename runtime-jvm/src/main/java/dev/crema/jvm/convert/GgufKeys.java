package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.GgufArchitecture;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * config.json as the keys of a GGUF architecture. What readers of GGUF take for granted is checked: a config that says otherwise can't be written, and is
 * refused with the key that says so.
 */
final class GgufKeys {
    private static final Set<String> WITHOUT_ROPE = Set.of("gpt2", "bert");
    private static final Set<String> GATED = Set.of("llama", "qwen2", "qwen3", "qwen2moe", "qwen3moe", "phi3", "smollm3", "granite", "granitemoe", "olmo", "olmo2", "stablelm",
        "deepseek2", "seed_oss", "ernie4_5", "minicpm", "olmoe", "command-r", "cohere2");
    private static final Set<String> SQUARED = Set.of("plm", "arcee");
    /** llama.cpp's enum llama_pooling_type from 1 on. */
    private static final List<String> POOLING = List.of("mean", "cls", "last", "rank");

    private final Config config;
    private final GgufArchitecture architecture;
    private final String name;
    private final int headDim;
    private final RopeKeys rope;
    /** Null for models without latent attention. */
    private final LatentKeys latent;

    /** {@code config} in standard terms, see {@link StandardConfig}. */
    GgufKeys(Config config, GgufArchitecture architecture, int headDim) {
        this.config = config;
        this.architecture = architecture;
        this.headDim = headDim;
        name = architecture.name();
        rope = new RopeKeys(config, name, headDim);
        latent = LatentKeys.isLatent(name) ? new LatentKeys(config, name) : null;
        checkActivation();
        checkLayers();
        checkSpecial();
    }

    void writeTo(GgufWriter gguf) {
        int heads = config.size("num_attention_heads");
        gguf.put("general.architecture", name);
        put(gguf, "context_length", config.size("max_position_embeddings", 2048) - positionOffset());
        put(gguf, "embedding_length", config.size("hidden_size"));
        put(gguf, "feed_forward_length", config.size("intermediate_size"));
        put(gguf, "block_count", config.size("num_hidden_layers"));
        put(gguf, "attention.head_count", heads);
        put(gguf, "attention.head_count_kv", config.size("num_key_value_heads", heads));
        put(gguf, "attention.key_length", headDim);
        put(gguf, "attention.value_length", headDim);
        put(gguf, "vocab_size", config.size("vocab_size"));
        copy(gguf, "rms_norm_eps", "attention.layer_norm_rms_epsilon");
        copy(gguf, "layer_norm_eps", "attention.layer_norm_epsilon");
        boolean windowless = name.startsWith("qwen") || config.string("model_type", "").equals("llama");
        if (!windowless && config.has("sliding_window")) {
            put(gguf, "attention.sliding_window", config.size("sliding_window"));
        } else if (name.equals("phi3")) {
            // Without a key, llama.cpp takes 2047 for some of these models.
            put(gguf, "attention.sliding_window", config.size("max_position_embeddings"));
        }
        writeExperts(gguf);
        if (latent != null) {
            latent.writeTo(gguf);
        }
        writeSpecial(gguf);
        if (name.endsWith("bert")) {
            writeEncoder(gguf);
        }
        if (!WITHOUT_ROPE.contains(name)) {
            rope.writeTo(gguf);
        }
    }

    private void writeExperts(GgufWriter gguf) {
        if (config.has("num_local_experts") || config.has("num_experts")) {
            put(gguf, "expert_count", config.size(config.has("num_local_experts") ? "num_local_experts" : "num_experts"));
            put(gguf, "expert_used_count", config.size("num_experts_per_tok"));
        }
        if (config.has("moe_intermediate_size") || name.equals("gpt-oss")) {
            put(gguf, "expert_feed_forward_length", config.size(name.equals("gpt-oss") ? "intermediate_size" : "moe_intermediate_size"));
        }
        if (config.has("shared_expert_intermediate_size")) {
            put(gguf, "expert_shared_feed_forward_length", config.size("shared_expert_intermediate_size"));
        }
    }

    /** What one architecture has and others do not. */
    private void writeSpecial(GgufWriter gguf) {
        copy(gguf, "attn_logit_softcapping", "attn_logit_softcapping");
        copy(gguf, "final_logit_softcapping", "final_logit_softcapping");
        copy(gguf, "clip_qkv", "attention.clamp_kqv");
        if (name.startsWith("granite")) {
            copy(gguf, "embedding_multiplier", "embedding_scale");
            copy(gguf, "residual_multiplier", "residual_scale");
            copy(gguf, "attention_multiplier", "attention.scale");
            copy(gguf, "logits_scaling", "logit_scale");
        }
        if (name.equals("minicpm")) {
            // MiniCPMConfig's defaults are none: a model that has no such key does without.
            put(gguf, "embedding_scale", (float) config.number("scale_emb", 1));
            put(gguf, "residual_scale", (float) (config.has("scale_depth") ? config.number("scale_depth") / Math.sqrt(config.size("num_hidden_layers")) : 1));
            put(gguf, "logit_scale", config.has("dim_model_base") ? (float) config.size("hidden_size") / config.size("dim_model_base") : 1f);
        }
        if (name.equals("command-r") || name.equals("cohere2")) {
            put(gguf, "logit_scale", (float) config.number("logit_scale", 0.0625));
        }
        if (name.equals("gptneox") || config.has("use_parallel_residual")) {
            put(gguf, "use_parallel_residual", config.bool("use_parallel_residual", true));
        }
        if (config.has("rope_local_base_freq")) {
            put(gguf, "rope.freq_base_swa", (float) config.number("rope_local_base_freq"));
        }
    }

    private void writeEncoder(GgufWriter gguf) {
        put(gguf, "attention.causal", false);
        gguf.put("tokenizer.ggml.token_type_count", config.size("type_vocab_size", 2));
        if (config.has("pooling")) {
            int type = POOLING.indexOf(config.string("pooling", "")) + 1;
            if (type == 0) {
                throw refused("pooling", "GGUF knows " + String.join(", ", POOLING));
            }
            put(gguf, "pooling_type", type);
        }
    }

    /** Rows of the table of positions before the first that is used: RoBERTa's begin after that of the padding. */
    int positionOffset() {
        String type = config.string("model_type", "");
        return type.contains("roberta") || type.equals("camembert") ? (int) config.number("pad_token_id", 1) + 1 : 0;
    }

    /** The tensors of the file that a tensor of this name becomes: one, or two of the matrices of latent attention and of Granite's experts. */
    List<Map.Entry<String, TensorEntry>> parts(String ggufName, TensorEntry tensor) {
        if (name.equals("granitemoe") && ggufName.endsWith(".ffn_gate_exps.weight")) {
            return List.of(Map.entry(ggufName, TensorViews.half(tensor, 0)), Map.entry(ggufName.replace("gate_exps", "up_exps"), TensorViews.half(tensor, 1)));
        }
        return latent == null ? List.of(Map.entry(ggufName, tensor)) : latent.parts(ggufName, tensor);
    }

    /** Lists of divisors that GGUF keeps as tensors. */
    Map<String, float[]> ropeFactors() {
        return rope.factors();
    }

    private void checkActivation() {
        String activation = config.string("hidden_act", "");
        boolean known = activation.isEmpty() || (GATED.contains(name) ? activation.equals("silu") || activation.equals("swish")
            : SQUARED.contains(name) ? activation.equals("relu2") : name.equals("nomic-bert") ? activation.equals("swiglu") : activation.startsWith("gelu") || name.equals("gpt-oss"));
        if (!known) {
            throw refused("hidden_act", "GGUF's " + name + " has " + (GATED.contains(name) ? "silu" : SQUARED.contains(name) ? "relu2" : name.equals("nomic-bert") ? "swiglu" : "gelu"));
        }
    }

    /** GGUF knows which layers are of which kind from the architecture alone. */
    private void checkLayers() {
        int layers = config.size("num_hidden_layers");
        if (name.startsWith("qwen") && config.bool("use_sliding_window", false) && config.has("sliding_window") && config.size("max_window_layers", layers) < layers) {
            throw refused("use_sliding_window", "GGUF's " + name + " has no windows");
        }
        int every = switch (name) {
            case "gemma2", "gpt-oss" -> 2;
            case "cohere2" -> 4;
            case "gemma3" -> 6;
            default -> 0;
        };
        if (config.json().get("layer_types") instanceof Json.Arr types) {
            for (int layer = 0; layer < types.size(); layer++) {
                boolean slides = types.get(layer).equals(Json.of("sliding_attention"));
                boolean expected = every > 0 ? (layer + 1) % every != 0 : name.equals("llama") || name.equals("starcoder2") || name.equals("phi3")
                    ? config.has("sliding_window") && types.get(0).equals(Json.of("sliding_attention")) : false;
                if (slides != expected) {
                    throw refused("layer_types", "GGUF's " + name + " has " + (expected ? "a window" : "full attention") + " in layer " + layer);
                }
            }
        }
        if (config.has("sliding_window_pattern") && every > 0 && config.size("sliding_window_pattern") != every) {
            throw refused("sliding_window_pattern", "GGUF's " + name + " has " + every);
        }
        if (name.equals("smollm3") && config.json().get("no_rope_layers") instanceof Json.Arr flags) {
            for (int layer = 0; layer < flags.size(); layer++) {
                if (flags.get(layer).equals(Json.of(0L)) != ((layer + 1) % 4 == 0)) {
                    throw refused("no_rope_layers", "GGUF's smollm3 leaves out the rotation in every fourth layer");
                }
            }
        }
    }

    private void checkSpecial() {
        if (name.equals("qwen3moe") && !config.bool("norm_topk_prob", false)) {
            throw refused("norm_topk_prob", "GGUF's qwen3moe has true");
        }
        if (name.equals("olmoe") && config.bool("norm_topk_prob", false)) {
            throw refused("norm_topk_prob", "GGUF's olmoe has false");
        }
        if (name.equals("qwen2moe") && config.bool("norm_topk_prob", false)) {
            throw refused("norm_topk_prob", "GGUF's qwen2moe has false");
        }
        if (name.equals("falcon") && (config.bool("alibi", false) || !config.bool("parallel_attn", true))) {
            throw refused(config.bool("alibi", false) ? "alibi" : "parallel_attn", "GGUF's falcon is that of 7B and 40B");
        }
        if (name.startsWith("gemma") && config.has("query_pre_attn_scalar")) {
            int layers = config.size("num_hidden_layers");
            boolean largest = layers == (name.equals("gemma2") ? 46 : 62) && !name.equals("gemma");
            int expected = largest ? config.size("hidden_size") / config.size("num_attention_heads") : headDim;
            if (config.number("query_pre_attn_scalar") != expected) {
                throw refused("query_pre_attn_scalar", "GGUF's " + name + " of " + layers + " layers has " + expected);
            }
        }
    }

    private CremaException refused(String key, String expected) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has " + key + " = " + config.json().get(key) + ", which GGUF can't say: "
            + expected + ".", "Crema loads the Hugging Face folder as it is.");
    }

    /** A number of the config, as a float, where there is one. */
    private void copy(GgufWriter gguf, String from, String to) {
        if (config.has(from)) {
            put(gguf, to, (float) config.number(from));
        }
    }

    private void put(GgufWriter gguf, String key, Object value) {
        gguf.put(architecture.name() + "." + key, value);
    }
}
