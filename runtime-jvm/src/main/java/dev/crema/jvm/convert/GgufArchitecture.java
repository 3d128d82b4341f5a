package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;

import java.util.Map;

/** config.json as GGUF's keys, and Hugging Face's tensor names as GGUF's, for models that are built like Llama (gguf-py, constants.py). */
final class GgufArchitecture {
    /** {@code model_type} to {@code general.architecture}. */
    private static final Map<String, String> ARCHITECTURES = Map.of("llama", "llama", "mistral", "llama", "qwen2", "qwen2", "qwen3", "qwen3");
    private static final Map<String, String> MODEL = Map.of("model.embed_tokens", "token_embd", "model.norm", "output_norm", "lm_head", "output");
    private static final Map<String, String> LAYER = Map.ofEntries(
        Map.entry("input_layernorm", "attn_norm"), Map.entry("self_attn.q_proj", "attn_q"), Map.entry("self_attn.k_proj", "attn_k"),
        Map.entry("self_attn.v_proj", "attn_v"), Map.entry("self_attn.o_proj", "attn_output"), Map.entry("self_attn.q_norm", "attn_q_norm"),
        Map.entry("self_attn.k_norm", "attn_k_norm"), Map.entry("post_attention_layernorm", "ffn_norm"), Map.entry("mlp.gate_proj", "ffn_gate"),
        Map.entry("mlp.up_proj", "ffn_up"), Map.entry("mlp.down_proj", "ffn_down"));
    private static final String LAYERS = "model.layers.";

    private final Config config;
    private final String architecture;
    private final int headDim;

    /** {@code UNSUPPORTED_MODEL} where GGUF's keys for the architecture are not known here. */
    GgufArchitecture(Config config) {
        this.config = config;
        String type = config.string("model_type", "");
        architecture = ARCHITECTURES.get(type);
        if (architecture == null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Models of the type \"" + type + "\" can't be written as GGUF yet; known are "
                + String.join(", ", ARCHITECTURES.keySet().stream().sorted().toList()) + ".",
                "Convert with llama.cpp's convert_hf_to_gguf.py to F16; crema convert takes the GGUF from there.");
        }
        headDim = config.size("head_dim", Math.max(1, config.size("hidden_size") / config.size("num_attention_heads")));
    }

    /** The rows of a head to reorder, see {@link PlannedTensor}; 0 for tensors that stay as they are. */
    int reorderedHeadDim(String name) {
        return architecture.equals("llama") && (name.contains(".q_proj.") || name.contains(".k_proj.")) ? headDim : 0;
    }

    /** The GGUF name, or null for tensors that GGUF has no place for. */
    String name(String name) {
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String suffix = dot < 0 ? "" : name.substring(dot);
        if (!stem.startsWith(LAYERS)) {
            return MODEL.containsKey(stem) ? MODEL.get(stem) + suffix : null;
        }
        int end = stem.indexOf('.', LAYERS.length());
        String part = end < 0 ? null : LAYER.get(stem.substring(end + 1));
        return part == null ? null : "blk." + stem.substring(LAYERS.length(), end) + "." + part + suffix;
    }

    void writeTo(GgufWriter gguf) {
        int heads = config.size("num_attention_heads");
        gguf.put("general.architecture", architecture);
        put(gguf, "context_length", config.size("max_position_embeddings", 2048));
        put(gguf, "embedding_length", config.size("hidden_size"));
        put(gguf, "feed_forward_length", config.size("intermediate_size"));
        put(gguf, "block_count", config.size("num_hidden_layers"));
        put(gguf, "attention.head_count", heads);
        put(gguf, "attention.head_count_kv", config.size("num_key_value_heads", heads));
        put(gguf, "attention.key_length", headDim);
        put(gguf, "attention.value_length", headDim);
        put(gguf, "attention.layer_norm_rms_epsilon", (float) config.number("rms_norm_eps"));
        put(gguf, "rope.dimension_count", headDim);
        put(gguf, "rope.freq_base", (float) theta());
        put(gguf, "vocab_size", config.size("vocab_size"));
        if (config.string("model_type", "").equals("mistral") && config.has("sliding_window")) {
            put(gguf, "attention.sliding_window", config.size("sliding_window"));
        }
        writeScaling(gguf);
    }

    private void put(GgufWriter gguf, String key, Object value) {
        gguf.put(architecture + "." + key, value);
    }

    private double theta() {
        Config parameters = config.section("rope_parameters");
        return config.number("rope_theta", parameters == null ? 10_000 : parameters.number("rope_theta", 10_000));
    }

    private Config scaling() {
        Config scaling = config.section(config.has("rope_scaling") ? "rope_scaling" : "rope_parameters");
        return scaling == null || type(scaling).equals("default") ? null : scaling;
    }

    private static String type(Config scaling) {
        return scaling.string("rope_type", scaling.string("type", "default"));
    }

    private void writeScaling(GgufWriter gguf) {
        Config scaling = scaling();
        if (scaling == null || type(scaling).equals("llama3")) {
            return;
        }
        String type = type(scaling);
        if (!type.equals("linear") && !type.equals("yarn")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "rope_scaling of the type " + type + " can't be written as GGUF yet.", "");
        }
        put(gguf, "rope.scaling.type", type);
        put(gguf, "rope.scaling.factor", (float) scaling.number("factor"));
        if (type.equals("yarn")) {
            put(gguf, "rope.scaling.original_context_length", scaling.size("original_max_position_embeddings", config.size("max_position_embeddings", 2048)));
            for (String key : new String[] {"beta_fast", "beta_slow"}) {
                if (scaling.has(key)) {
                    put(gguf, "rope.scaling.yarn_" + key, (float) scaling.number(key));
                }
            }
            if (scaling.has("attention_factor") || scaling.has("mscale")) {
                throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "rope_scaling with attention_factor or mscale can't be written as GGUF yet.", "");
            }
        }
    }

    /** The divisors of Llama 3's scaling, which GGUF keeps as the tensor {@code rope_freqs.weight}; else null. */
    float[] ropeFactors() {
        Config scaling = scaling();
        if (scaling == null || !type(scaling).equals("llama3")) {
            return null;
        }
        double original = scaling.number("original_max_position_embeddings");
        double low = scaling.number("low_freq_factor");
        double high = scaling.number("high_freq_factor");
        double factor = scaling.number("factor");
        float[] factors = new float[headDim / 2];
        for (int i = 0; i < factors.length; i++) {
            double wavelength = 2 * Math.PI * Math.pow(theta(), 2.0 * i / headDim);
            double smooth = (original / wavelength - low) / (high - low);
            factors[i] = (float) (wavelength < original / high ? 1 : wavelength > original / low ? factor : 1 / ((1 - smooth) / factor + smooth));
        }
        return factors;
    }

    /** Whether the config says that the output head is the embedding. */
    boolean tied() {
        return config.json().get("tie_word_embeddings") instanceof Json.Bool tied && tied.value();
    }
}
