package dev.crema.jvm.convert;

import dev.crema.json.Json;
import dev.crema.model.Config;

import java.util.Map;

/** config.json with the key names that most models have, and the defaults of transformers' configuration classes that GGUF wants written out. */
final class StandardConfig {
    private static final String[][] NAMES = {{"n_embd", "hidden_size"}, {"dim", "hidden_size"}, {"n_layer", "num_hidden_layers"}, {"n_layers", "num_hidden_layers"},
        {"n_head", "num_attention_heads"}, {"n_heads", "num_attention_heads"}, {"n_inner", "intermediate_size"}, {"hidden_dim", "intermediate_size"},
        {"ffn_hidden_size", "intermediate_size"}, {"n_positions", "max_position_embeddings"}, {"n_ctx", "max_position_embeddings"},
        {"layer_norm_epsilon", "layer_norm_eps"}, {"norm_epsilon", "layer_norm_eps"}, {"rotary_pct", "partial_rotary_factor"},
        {"rotary_emb_fraction", "partial_rotary_factor"}, {"rotary_emb_base", "rope_theta"}, {"activation_function", "hidden_act"},
        {"hidden_activation", "hidden_act"}, {"activation", "hidden_act"}};
    /** {@code partial_rotary_factor} where the config is silent. */
    private static final Map<String, Double> ROTARY = Map.of("phi", 0.5, "gpt_neox", 0.25, "stablelm", 0.25);
    /** {@code layer_norm_eps} likewise; OLMo's is fixed. */
    private static final Map<String, Double> LAYER_NORM_EPS = Map.ofEntries(Map.entry("phi", 1e-5), Map.entry("gpt_neox", 1e-5), Map.entry("stablelm", 1e-5),
        Map.entry("starcoder2", 1e-5), Map.entry("falcon", 1e-5), Map.entry("gpt2", 1e-5), Map.entry("olmo", 1e-5), Map.entry("bert", 1e-12),
        Map.entry("roberta", 1e-12), Map.entry("xlm-roberta", 1e-12), Map.entry("camembert", 1e-12), Map.entry("distilbert", 1e-12), Map.entry("nomic_bert", 1e-12));

    private StandardConfig() { }

    /** The config of the text model. */
    static Config of(Config given) {
        Config config = given.has("text_config") ? given.section("text_config") : given;
        for (String[] name : NAMES) {
            config = config.alias(name[0], name[1]);
        }
        var json = new Json.Obj();
        config.json().members().forEach(json::put);
        String type = config.string("model_type", "");
        otherwise(json, "partial_rotary_factor", ROTARY.get(type));
        otherwise(json, "layer_norm_eps", LAYER_NORM_EPS.get(type));
        if (type.startsWith("gemma")) {
            otherwise(json, "rms_norm_eps", 1e-6);
            otherwise(json, "head_dim", 256L);
            otherwise(json, "num_attention_heads", 8L);
            otherwise(json, "num_key_value_heads", (long) Math.min(4, new Config(json).size("num_attention_heads")));
        }
        if (type.equals("falcon")) {
            boolean grouped = config.bool("new_decoder_architecture", false);
            json.put("num_key_value_heads", (long) (grouped ? config.size("num_kv_heads") : config.bool("multi_query", true) ? 1 : config.size("num_attention_heads")));
        }
        if (type.equals("gpt2") || type.equals("falcon")) {
            otherwise(json, "intermediate_size", 4L * config.size("hidden_size"));
        }
        if (type.equals("gpt2")) {
            otherwise(json, "max_position_embeddings", 1024L);
        }
        return new Config(json);
    }

    private static void otherwise(Json.Obj json, String key, Number value) {
        if (value != null && !json.has(key)) {
            json.put(key, value instanceof Long whole ? Json.of(whole) : Json.of(value.doubleValue()));
        }
    }
}
