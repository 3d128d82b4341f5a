package dev.crema.model;

import dev.crema.json.Json;

/** Which layers see only the last tokens, as Mistral's and Qwen's configs say it. */
public final class SlidingWindow {
    private SlidingWindow() { }

    /** Tokens that a token of {@code layer} sees, itself included; 0 for all. */
    public static int tokens(Config config, int layer) {
        boolean qwen = config.string("model_type", "").startsWith("qwen");
        // Hugging Face's LlamaConfig has no window; a key of that name in a llama config has no effect there either.
        if (config.string("model_type", "").equals("llama") || !config.has("sliding_window") || !config.bool("use_sliding_window", !qwen)) {
            return 0;
        }
        if (config.json().get("layer_types") instanceof Json.Arr) {
            return slides(config, layer, true) ? config.size("sliding_window") : 0;
        }
        // Qwen2Config: the layers below max_window_layers (default 28) see everything.
        return qwen && layer < config.number("max_window_layers", 28) ? 0 : config.size("sliding_window");
    }

    /** Whether {@code layer_types} calls the layer {@code sliding_attention}; {@code otherwise} where the config has no such list. */
    static boolean slides(Config config, int layer, boolean otherwise) {
        if (config.json().get("layer_types") instanceof Json.Arr types && layer < types.size()) {
            return types.get(layer) instanceof Json.Str type && type.value().equals("sliding_attention");
        }
        return otherwise;
    }
}
