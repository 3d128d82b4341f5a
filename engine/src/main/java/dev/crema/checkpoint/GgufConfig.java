package dev.crema.checkpoint;

import dev.crema.json.Json;
import dev.crema.tensor.Shape;

import java.util.List;
import java.util.Map;

/**
 * GGUF's metadata as Hugging Face's config.json and generation_config.json have it. Only architectures are translated whose meaning we
 * know; the checks of the values themselves are the family's, as for config.json.
 */
final class GgufConfig {
    private static final List<String> ARCHITECTURES = List.of("llama", "qwen2", "qwen3");

    private final String fileName;
    private final Metadata metadata;
    private final String architecture;
    private final Json.Obj config = new Json.Obj();

    private GgufConfig(String fileName, Metadata metadata, String architecture) {
        this.fileName = fileName;
        this.metadata = metadata;
        this.architecture = architecture;
    }

    /** config.json of the model; {@code tensors} by their Hugging Face names. */
    static Json.Obj config(String fileName, Metadata metadata, Map<String, TensorEntry> tensors) {
        String architecture = metadata.string("general.architecture", null);
        if (architecture == null) {
            throw Damage.invalid(fileName, "there is no general.architecture");
        }
        if (!ARCHITECTURES.contains(architecture)) {
            throw Damage.unsupported(fileName + " has the architecture " + architecture + ", which Crema does not know yet.",
                "Known in GGUF files: " + String.join(", ", ARCHITECTURES) + ".");
        }
        var translation = new GgufConfig(fileName, metadata, architecture);
        translation.sizes(tensors);
        translation.attention();
        translation.rope();
        translation.pooling();
        return translation.config;
    }

    /** generation_config.json: end tokens, and sampling defaults where the file has them. */
    static Json.Obj generationConfig(Metadata metadata) {
        var config = new Json.Obj();
        copyToken(metadata, "bos", config);
        var ends = new Json.Arr();
        for (String kind : new String[] {"eos", "eot", "eom"}) {
            String key = "tokenizer.ggml." + kind + "_token_id";
            if (metadata.has(key)) {
                ends.add(Json.of(metadata.integer(key, -1)));
            }
        }
        config.put("eos_token_id", ends);
        copyNumber(metadata, "temp", config, "temperature");
        copyNumber(metadata, "top_k", config, "top_k");
        copyNumber(metadata, "top_p", config, "top_p");
        copyNumber(metadata, "min_p", config, "min_p");
        copyNumber(metadata, "penalty_repeat", config, "repetition_penalty");
        return config;
    }

    private void sizes(Map<String, TensorEntry> tensors) {
        if (integer("expert_count", 0) > 0) {
            throw Damage.unsupported(fileName + " is a mixture of " + integer("expert_count", 0) + " experts, which Crema cannot run yet.", "");
        }
        // Mistral's models are converted to the architecture llama; a window is how they differ.
        boolean mistral = architecture.equals("llama") && metadata.has(key("attention.sliding_window"));
        config.put("model_type", mistral ? "mistral" : architecture);
        copy("embedding_length", "hidden_size");
        copy("feed_forward_length", "intermediate_size");
        copy("block_count", "num_hidden_layers");
        copy("context_length", "max_position_embeddings");
        TensorEntry embedding = tensors.get("model.embed_tokens.weight");
        String[] tokens = metadata.strings("tokenizer.ggml.tokens");
        if (embedding != null && embedding.shape().rank() == 2) {
            Shape shape = embedding.shape();
            config.put("vocab_size", shape.extent(0));
        } else if (tokens != null) {
            config.put("vocab_size", tokens.length);
        }
        config.put("tie_word_embeddings", !tensors.containsKey("lm_head.weight"));
        copyToken(metadata, "bos", config);
        copyToken(metadata, "eos", config);
    }

    private void attention() {
        copy("attention.head_count", "num_attention_heads");
        copy("attention.head_count_kv", "num_key_value_heads");
        copy("attention.key_length", "head_dim");
        long keyLength = integer("attention.key_length", 0);
        long valueLength = integer("attention.value_length", keyLength);
        if (keyLength != valueLength && metadata.has(key("attention.key_length"))) {
            throw Damage.unsupported(fileName + " has keys of " + keyLength + " and values of " + valueLength + " channels a head.",
                "Crema needs both to have the same.");
        }
        if (config.get("model_type") instanceof Json.Str type && type.value().equals("mistral")) {
            copy("attention.sliding_window", "sliding_window");
        }
        if (metadata.has(key("attention.layer_norm_rms_epsilon"))) {
            config.put("rms_norm_eps", metadata.number(key("attention.layer_norm_rms_epsilon"), 0));
        }
        config.put("hidden_act", "silu");
    }

    private void rope() {
        // llama's converter reorders the rows of q and k so that the pairs to rotate are neighbours; qwen's does not.
        config.put("rope_interleaved", architecture.equals("llama"));
        if (metadata.has(key("rope.freq_base"))) {
            config.put("rope_theta", metadata.number(key("rope.freq_base"), 0));
        }
        long heads = integer("attention.head_count", 0);
        long headDim = integer("attention.key_length", heads > 0 ? integer("embedding_length", 0) / heads : 0);
        long rotary = integer("rope.dimension_count", headDim);
        if (headDim > 0 && rotary != headDim) {
            config.put("partial_rotary_factor", (double) rotary / headDim);
        }
        String type = metadata.string(key("rope.scaling.type"), metadata.has(key("rope.scale_linear")) ? "linear" : "none");
        if (type.equals("none")) {
            return;
        }
        var scaling = new Json.Obj().put("rope_type", type);
        String factorKey = metadata.has(key("rope.scaling.factor")) ? "rope.scaling.factor" : "rope.scale_linear";
        scaling.put("factor", metadata.number(key(factorKey), 1));
        if (metadata.has(key("rope.scaling.original_context_length"))) {
            scaling.put("original_max_position_embeddings", integer("rope.scaling.original_context_length", 0));
        }
        copyScaling("yarn_beta_fast", "beta_fast", scaling);
        copyScaling("yarn_beta_slow", "beta_slow", scaling);
        // Ours: llama.cpp multiplies YaRN's own factor by this one, Hugging Face's attention_factor replaces it.
        copyScaling(metadata.has(key("rope.scaling.yarn_attn_factor")) ? "yarn_attn_factor" : "attn_factor", "attention_multiplier", scaling);
        config.put("rope_scaling", scaling);
    }

    /** llama.cpp's enum llama_pooling_type; 0 is none. */
    private void pooling() {
        long type = integer("pooling_type", 0);
        if (type != 0) {
            config.put("pooling", type == 1 ? "mean" : type == 2 ? "cls" : type == 3 ? "last" : type == 4 ? "rank" : "type " + type);
        }
    }

    private void copyScaling(String from, String to, Json.Obj scaling) {
        if (metadata.has(key("rope.scaling." + from))) {
            scaling.put(to, metadata.number(key("rope.scaling." + from), 0));
        }
    }

    private String key(String name) {
        return architecture + "." + name;
    }

    private void copy(String from, String to) {
        if (metadata.has(key(from))) {
            config.put(to, integer(from, 0));
        }
    }

    /** A number that may stand as an array with one value a layer, as long as all layers agree. */
    private long integer(String name, long otherwise) {
        if (metadata.values().get(key(name)) instanceof int[] perLayer) {
            for (int value : perLayer) {
                if (value != perLayer[0]) {
                    throw Damage.unsupported(fileName + ": " + key(name) + " differs from layer to layer (" + perLayer[0] + ", " + value + ").", "");
                }
            }
            return perLayer.length == 0 ? otherwise : perLayer[0];
        }
        return metadata.integer(key(name), otherwise);
    }

    private static void copyToken(Metadata metadata, String kind, Json.Obj config) {
        String key = "tokenizer.ggml." + kind + "_token_id";
        if (metadata.has(key)) {
            config.put(kind + "_token_id", metadata.integer(key, -1));
        }
    }

    private static void copyNumber(Metadata metadata, String from, Json.Obj config, String to) {
        Object value = metadata.values().get("general.sampling." + from);
        if (value instanceof Long whole) {
            config.put(to, whole);
        } else if (value instanceof Double number) {
            config.put(to, number);
        }
    }
}
