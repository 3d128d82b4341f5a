package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.GgufArchitecture;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** config.json as GGUF's keys, and Hugging Face's tensor names as GGUF's, for models whose tensors GGUF keeps as they are (gguf-py, constants.py). */
final class GgufExport {
    /** Those whose tensors are the same in both, but for names, the order of rows and norms that are kept as their difference to one. */
    private static final List<String> MODEL_TYPES = List.of("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "phi3", "smollm3", "granite",
        "olmo2", "stablelm", "starcoder2");

    private final Config config;
    private final GgufArchitecture architecture;
    private final Map<String, String> outside = new HashMap<>();
    private final Map<String, String> inLayer = new HashMap<>();
    private final int headDim;

    /** {@code UNSUPPORTED_MODEL} where GGUF's keys for the architecture are not known here. */
    GgufExport(Config config) {
        this.config = config;
        String type = config.string("model_type", "");
        architecture = MODEL_TYPES.contains(type) ? GgufArchitecture.ofModelType(type) : null;
        if (architecture == null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Models of the type \"" + type + "\" can't be written as GGUF yet; known are "
                + String.join(", ", MODEL_TYPES) + ".", "Convert with llama.cpp's convert_hf_to_gguf.py to F16; crema convert takes the GGUF from there.");
        }
        architecture.outside().forEach((gguf, name) -> outside.put(name, gguf));
        architecture.inLayer().forEach((gguf, name) -> inLayer.put(name, gguf));
        headDim = config.size("head_dim", Math.max(1, config.size("hidden_size") / config.size("num_attention_heads")));
    }

    /** The rows of a head to reorder, see {@link PlannedTensor}; 0 for tensors that stay as they are. */
    int reorderedHeadDim(String name) {
        return architecture.interleaved() && (name.contains(".q_proj.") || name.contains(".k_proj.")) ? headDim : 0;
    }

    /** What to add to the tensor's elements: Gemma keeps norms as their difference to one. */
    float addend(String name) {
        return architecture.name().startsWith("gemma") && name.endsWith("norm.weight") ? 1 : 0;
    }

    /** The GGUF name, or null for tensors that GGUF has no place for. */
    String name(String name) {
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String suffix = dot < 0 ? "" : name.substring(dot);
        String layers = architecture.layers() + ".";
        if (!stem.startsWith(layers)) {
            return outside.containsKey(stem) ? outside.get(stem) + suffix : null;
        }
        int end = stem.indexOf('.', layers.length());
        String part = end < 0 ? null : inLayer.get(stem.substring(end + 1));
        return part == null ? null : "blk." + stem.substring(layers.length(), end) + "." + part + suffix;
    }

    void writeTo(GgufWriter gguf) {
        int heads = config.size("num_attention_heads");
        gguf.put("general.architecture", architecture.name());
        put(gguf, "context_length", config.size("max_position_embeddings", 2048));
        put(gguf, "embedding_length", config.size("hidden_size"));
        put(gguf, "feed_forward_length", config.size("intermediate_size"));
        put(gguf, "block_count", config.size("num_hidden_layers"));
        put(gguf, "attention.head_count", heads);
        put(gguf, "attention.head_count_kv", config.size("num_key_value_heads", heads));
        put(gguf, "attention.key_length", headDim);
        put(gguf, "attention.value_length", headDim);
        put(gguf, "rope.dimension_count", (int) (headDim * config.number("partial_rotary_factor", 1)));
        put(gguf, "rope.freq_base", (float) theta());
        put(gguf, "vocab_size", config.size("vocab_size"));
        copy(gguf, "rms_norm_eps", "attention.layer_norm_rms_epsilon");
        copy(gguf, "layer_norm_eps", "attention.layer_norm_epsilon");
        copy(gguf, "norm_epsilon", "attention.layer_norm_epsilon");
        boolean windowless = architecture.name().startsWith("qwen") || config.string("model_type", "").equals("llama");
        if (!windowless && config.has("sliding_window")) {
            put(gguf, "attention.sliding_window", config.size("sliding_window"));
        } else if (architecture.name().equals("phi3")) {
            // Without a key, llama.cpp takes 2047 for some of these models.
            put(gguf, "attention.sliding_window", config.size("max_position_embeddings"));
        }
        writeSpecial(gguf);
        writeScaling(gguf);
    }

    /** What one architecture has and others do not. */
    private void writeSpecial(GgufWriter gguf) {
        copy(gguf, "attn_logit_softcapping", "attn_logit_softcapping");
        copy(gguf, "final_logit_softcapping", "final_logit_softcapping");
        if (architecture.name().equals("granite")) {
            copy(gguf, "embedding_multiplier", "embedding_scale");
            copy(gguf, "residual_multiplier", "residual_scale");
            copy(gguf, "attention_multiplier", "attention.scale");
            copy(gguf, "logits_scaling", "logit_scale");
        }
        if (config.has("use_parallel_residual")) {
            put(gguf, "use_parallel_residual", config.bool("use_parallel_residual", false));
        }
        if (config.has("rope_local_base_freq")) {
            put(gguf, "rope.freq_base_swa", (float) config.number("rope_local_base_freq"));
        }
        if (architecture.name().equals("phi3") && !config.has("rope_scaling")) {
            put(gguf, "rope.scaling.original_context_length", config.size("original_max_position_embeddings", config.size("max_position_embeddings", 2048)));
        }
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
