package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;

import java.util.ArrayList;
import java.util.List;

/** The architectures that Crema knows. */
public final class Families {
    private static final List<ModelFamily> ALL = List.of(new Llama());

    private Families() { }

    /** The values of {@code model_type} that {@link #forward} accepts. */
    public static List<String> modelTypes() {
        var types = new ArrayList<String>();
        for (ModelFamily family : ALL) {
            types.addAll(family.modelTypes());
        }
        return types;
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
        throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, type == null ? "The model's config has no model_type."
            : "The model_type " + type + " is not one that Crema knows.", "Known are: " + String.join(", ", modelTypes()) + ".");
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
