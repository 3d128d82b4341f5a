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
    private final String fileName;
    private final Metadata metadata;
    private final GgufArchitecture architecture;
    private final Map<String, TensorEntry> tensors;
    private final Json.Obj config = new Json.Obj();

    private GgufConfig(String fileName, Metadata metadata, GgufArchitecture architecture, Map<String, TensorEntry> tensors) {
        this.fileName = fileName;
        this.metadata = metadata;
        this.architecture = architecture;
        this.tensors = tensors;
    }

    /** How the file's architecture is built; INVALID_CHECKPOINT where it names none, UNSUPPORTED_MODEL where it is none that we know. */
    static GgufArchitecture architecture(String fileName, Metadata metadata) {
        String name = metadata.string("general.architecture", null);
        if (name == null) {
            throw Damage.invalid(fileName, "there is no general.architecture");
        }
        GgufArchitecture architecture = GgufArchitecture.named(name);
        if (architecture == null && Recurrent.problem(name) != null) {
            throw Damage.unsupported(fileName + " has the architecture " + name + ", which " + Recurrent.problem(name) + ".",
                "Take a model of attention alone; known in GGUF files: " + String.join(", ", GgufArchitecture.all()) + ".");
        }
        if (architecture == null) {
            throw Damage.unsupported(fileName + " has the architecture " + name + ", which Crema does not know yet.",
                "Known in GGUF files: " + String.join(", ", GgufArchitecture.all()) + ". A new one is a line in dev.crema.checkpoint.GgufArchitecture"
                    + " and a file in dev.crema.model.");
        }
        return architecture;
    }

    /** config.json of the model; {@code tensors} by their Hugging Face names. */
    static Json.Obj config(String fileName, Metadata metadata, GgufArchitecture architecture, Map<String, TensorEntry> tensors) {
        var translation = new GgufConfig(fileName, metadata, architecture, tensors);
        translation.sizes();
        translation.attention();
        translation.rope();
        translation.pooling();
        translation.experts();
        translation.special();
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

    private void sizes() {
        // Mistral's and Mixtral's models are converted to the architecture llama; a window or experts are how they differ.
        boolean llama = architecture.name().equals("llama");
        boolean mixtral = llama && integer("expert_count", 0) > 0;
        boolean mistral = llama && metadata.has(key("attention.sliding_window"));
        config.put("model_type", mixtral ? "mixtral" : mistral ? "mistral" : architecture.modelType());
        copy("embedding_length", "hidden_size");
        copy("feed_forward_length", "intermediate_size");
        copy("block_count", "num_hidden_layers");
        copy("context_length", "max_position_embeddings");
        TensorEntry embedding = tensors.get(architecture.outside().get("token_embd") + ".weight");
        String[] tokens = metadata.strings("tokenizer.ggml.tokens");
        if (embedding != null && embedding.shape().rank() == 2) {
            Shape shape = embedding.shape();
            config.put("vocab_size", shape.extent(0));
        } else if (tokens != null) {
            config.put("vocab_size", tokens.length);
        }
        config.put("tie_word_embeddings", !tensors.containsKey(architecture.outside().get("output") + ".weight"));
        copyToken(metadata, "bos", config);
        copyToken(metadata, "eos", config);
    }

    private void attention() {
        copy("attention.head_count", "num_attention_heads");
        copy("attention.head_count_kv", "num_key_value_heads");
        copy("attention.key_length", "head_dim");
        long keyLength = integer("attention.key_length", 0);
        long valueLength = integer("attention.value_length", keyLength);
        if (keyLength != valueLength && metadata.has(key("attention.key_length")) && !metadata.has(key("attention.kv_lora_rank"))) {
            throw Damage.unsupported(fileName + " has keys of " + keyLength + " and values of " + valueLength + " channels a head.",
                "Crema needs both to have the same.");
        }
        if (integer("attention.sliding_window", 0) > 0) {
            copy("attention.sliding_window", "sliding_window");
        }
        copyNumber("attention.layer_norm_rms_epsilon", "rms_norm_eps");
        for (String name : new String[] {"layer_norm_eps", "layer_norm_epsilon", "norm_epsilon"}) {
            copyNumber("attention.layer_norm_epsilon", name);
        }
        // What others compute is what their family takes for granted.
        if (architecture.name().equals("llama") || architecture.name().startsWith("qwen")) {
            config.put("hidden_act", "silu");
        }
    }

    private void rope() {
        config.put("rope_interleaved", architecture.interleaved());
        if (metadata.has(key("rope.freq_base"))) {
            config.put("rope_theta", metadata.number(key("rope.freq_base"), 0));
        }
        long heads = integer("attention.head_count", 0);
        long headDim = integer("attention.key_length", heads > 0 ? integer("embedding_length", 0) / heads : 0);
        long rotary = integer("rope.dimension_count", headDim);
        if (headDim > 0 && rotary != headDim) {
            config.put("partial_rotary_factor", (double) rotary / headDim);
        }
        if (metadata.has(key("rope.freq_base_swa")) || architecture.name().equals("gemma3")) {
            config.put("rope_local_base_freq", metadata.number(key("rope.freq_base_swa"), 10000));
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

    private void experts() {
        copy("expert_count", "num_experts");
        copy("expert_count", "num_local_experts");
        copy("expert_used_count", "num_experts_per_tok");
        copy("expert_feed_forward_length", "moe_intermediate_size");
        copy("expert_shared_feed_forward_length", "shared_expert_intermediate_size");
        if (architecture.name().equals("gpt-oss")) {
            copy("expert_feed_forward_length", "intermediate_size");
        }
        if (architecture.name().equals("qwen3moe")) {
            // No key of the file says so; Qwen's published configs do.
            config.put("norm_topk_prob", true);
        }
    }

    /** What one architecture has and others do not. */
    private void special() {
        copyNumber("embedding_scale", "embedding_multiplier");
        copyNumber("residual_scale", "residual_multiplier");
        copyNumber("attention.scale", "attention_multiplier");
        copyNumber("logit_scale", "logits_scaling");
        copyNumber("attn_logit_softcapping", "attn_logit_softcapping");
        copyNumber("final_logit_softcapping", "final_logit_softcapping");
        copyNumber("attention.clamp_kqv", "clip_qkv");
        if (metadata.has(key("use_parallel_residual"))) {
            config.put("use_parallel_residual", metadata.bool(key("use_parallel_residual"), true));
        }
        String name = architecture.name();
        switch (name) {
            case "gemma", "gemma2", "gemma3" -> {
                config.put("norm_weights_whole", true);
                // As llama.cpp knows the largest models, whose scale is not that of their heads: by the number of layers.
                boolean largest = integer("block_count", 0) == (name.equals("gemma2") ? 46 : 62) && !name.equals("gemma");
                long heads = Math.max(1, integer("attention.head_count", 1));
                config.put("query_pre_attn_scalar", largest ? integer("embedding_length", 0) / heads : integer("attention.key_length", 256));
            }
            // Only known to llama.cpp's code: every fourth layer does without rotation.
            case "smollm3" -> config.put("no_rope_layer_interval", 4L);
            case "gptneox" -> config.put("qkv_by_head", false);
            case "falcon" -> falcon();
            case "gpt2" -> config.put("transposed_layers", false);
            case "phi3" -> longRope();
            case "deepseek2", "plm" -> latent();
            case "arcee" -> config.put("hidden_act", "relu2");
            case "minicpm" -> miniCpm();
            // Published so, and the converter leaves them so.
            case "ernie4_5" -> config.put("rope_interleaved", true);
            case "command-r", "cohere2" -> {
                config.put("rope_interleaved", true);
                copyNumber("logit_scale", "logit_scale");
            }
            case "bert", "nomic-bert" -> {
                // The converter of RoBERTa cuts off the positions that are never used.
                config.put("position_offset", 0L);
                copyRows("embeddings.token_type_embeddings.weight", "type_vocab_size");
                copyRows("embeddings.position_embeddings.weight", "max_position_embeddings");
            }
            default -> { }
        }
    }

    /** As many as the table has. */
    private void copyRows(String tensor, String to) {
        TensorEntry entry = tensors.get(tensor);
        if (entry != null) {
            config.put(to, (long) entry.shape().extent(0));
        }
    }

    private void falcon() {
        config.put("qkv_by_head", false).put("multi_query", integer("attention.head_count_kv", 1) == 1);
        if (tensors.containsKey("transformer.h.0.ln_attn.weight")) {
            // GGUF calls the 40B's ln_mlp attn_norm.
            config.put("new_decoder_architecture", true);
            for (TensorEntry entry : List.copyOf(tensors.values())) {
                if (entry.name().contains(".input_layernorm.")) {
                    String name = entry.name().replace(".input_layernorm.", ".ln_mlp.");
                    tensors.remove(entry.name());
                    tensors.put(name, new TensorEntry(name, entry.dtype(), entry.shape(), entry.bytes()));
                }
            }
        }
        copy("attention.head_count_kv", "num_kv_heads");
        copy("feed_forward_length", "ffn_hidden_size");
    }

    /** Files from before llama.cpp's keys for its factors mean those of MiniCPM 2B. */
    private void miniCpm() {
        longRope();
        otherwise("embedding_multiplier", 12);
        otherwise("residual_multiplier", 1.4 / Math.sqrt(Math.max(1, integer("block_count", 1))));
        otherwise("logits_scaling", integer("embedding_length", 256) / 256.0);
    }

    private void otherwise(String key, double value) {
        if (!config.has(key)) {
            config.put(key, value);
        }
    }

    /** Multi-head latent attention; files from before its absorbed form have the lengths of whole heads as everyone's. */
    private void latent() {
        copy("attention.kv_lora_rank", "kv_lora_rank");
        copy("attention.q_lora_rank", "q_lora_rank");
        String whole = metadata.has(key("attention.key_length_mla")) ? "_mla" : "";
        long rotary = integer("rope.dimension_count", 0);
        config.put("qk_rope_head_dim", rotary).put("qk_nope_head_dim", integer("attention.key_length" + whole, 0) - rotary);
        copy("attention.value_length" + whole, "v_head_dim");
        // The file keeps the pairs as published, neighbours; and its lengths are of the cache, not of a head.
        config.put("rope_interleaved", true);
        config.members().remove("partial_rotary_factor");
        config.members().remove("head_dim");
        if (architecture.name().equals("plm")) {
            config.put("hidden_act", "relu2");
            return;
        }
        boolean sigmoid = integer("expert_gating_func", 1) == 2;
        copy("expert_count", "n_routed_experts");
        copy("expert_shared_count", "n_shared_experts");
        copyNumber("expert_weights_scale", "routed_scaling_factor");
        copy("expert_group_count", "n_group");
        copy("expert_group_used_count", "topk_group");
        config.put("model_type", sigmoid ? "deepseek_v3" : "deepseek_v2").put("scoring_func", sigmoid ? "sigmoid" : "softmax")
            .put("topk_method", sigmoid ? "noaux_tc" : integer("expert_group_count", 1) > 1 ? "group_limited_greedy" : "greedy")
            .put("norm_topk_prob", metadata.bool(key("expert_weights_norm"), false));
        if (config.get("rope_scaling") instanceof Json.Obj scaling && metadata.has(key("rope.scaling.type"))) {
            // A tenth of mscale_all_dim, which scales the scores; rotation itself scales nothing, as llama.cpp has it.
            scaling.put("mscale_all_dim", 10 * metadata.number(key("rope.scaling.yarn_log_multiplier"), 0)).put("attention_factor", 1.0);
        }
    }

    private void longRope() {
        if (!tensors.containsKey("rope_factors_short.weight")) {
            return;
        }
        long original = integer("rope.scaling.original_context_length", integer("context_length", 2048));
        config.put("original_max_position_embeddings", original);
        var scaling = new Json.Obj().put("rope_type", "longrope").put("factors_are_tensors", true);
        copyScaling("attn_factor", "attention_factor", scaling);
        config.put("rope_scaling", scaling);
    }

    private void copyScaling(String from, String to, Json.Obj scaling) {
        if (metadata.has(key("rope.scaling." + from))) {
            scaling.put(to, metadata.number(key("rope.scaling." + from), 0));
        }
    }

    private String key(String name) {
        return architecture.name() + "." + name;
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

    private void copyNumber(String from, String to) {
        if (metadata.has(key(from))) {
            config.put(to, metadata.number(key(from), 0));
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
