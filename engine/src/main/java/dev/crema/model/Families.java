package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Recurrent;
import dev.crema.graph.Graph;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/** The architectures that Crema knows. */
public final class Families {
    private static final List<ModelFamily> ALL = List.of(new Llama(), new Gemma(), new Olmo(), new Phi(), new StableLm(), new StarCoder2(), new GptNeoX(),
        new Falcon(), new Gpt2(), new GptOss(), new DeepSeek(), new Cohere(), new Bert(), new Ctrl());

    private Families() { }

    /** The values of {@code model_type} that {@link #forward} accepts. */
    public static List<String> modelTypes() {
        var types = new ArrayList<String>();
        for (ModelFamily family : ALL) {
            types.addAll(family.modelTypes());
        }
        return types;
    }

    /** Tokens of context that a model is made for; {@code otherwise} where its config does not say. */
    public static int contextLength(Config config, int otherwise) {
        Config text = config.has("text_config") ? config.section("text_config") : config;
        if (text.string("model_type", "").contains("roberta") && text.has("max_position_embeddings")) {
            // Positions begin after that of the padding.
            return Math.max(1, text.size("max_position_embeddings") - (int) text.number("position_offset", text.number("pad_token_id", 1) + 1));
        }
        // LongRoPE has other frequencies for contexts beyond that of the first training, which cost what is within it: they are for who asks for them.
        for (String key : new String[] {"original_max_position_embeddings", "max_position_embeddings", "n_positions", "seq_length"}) {
            if (text.has(key)) {
                return text.size(key);
            }
        }
        return otherwise;
    }

    /** The same for contexts of so many tokens: models with LongRoPE have other frequencies for longer ones. */
    public static Graph forward(Config config, Weights weights, int contextLength) {
        return forward(config.otherwise(RopeScaling.LOADED_CONTEXT, Json.of((long) contextLength)), weights);
    }

    /** The graph of the model that {@code config} describes; {@code UNSUPPORTED_MODEL} where no family covers it. */
    public static Graph forward(Config config, Weights weights) {
        String type = config.string("model_type", null);
        for (ModelFamily family : ALL) {
            if (type != null && family.modelTypes().contains(type)) {
                refuseQuantizationMethods(config);
                return family.forward(config, weights);
            }
        }
        if (type != null && Recurrent.problem(type) != null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model_type " + type + " " + Recurrent.problem(type) + ".",
                "Take a model of attention alone; known are: " + String.join(", ", modelTypes()) + ".");
        }
        throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, type == null ? "The model's config has no model_type."
            : "The model_type " + type + " is not one that Crema knows.", "Known are: " + String.join(", ", modelTypes()) + ". A family is one file, see \"Add a model family\" in Crema's README.");
    }

    /** GPTQ, AWQ and the like pack weights into several tensors of their own; GGUF's blocks are one tensor, known by its dtype. */
    private static void refuseQuantizationMethods(Config config) {
        Config quantization = config.section("quantization_config");
        if (quantization != null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The weights are quantised with " + quantization.string("quant_method", "an unknown method")
                + ", which Crema does not read.", "Take the model in F16 or BF16, or as GGUF.");
        }
    }
}
