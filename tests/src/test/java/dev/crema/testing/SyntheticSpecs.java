package dev.crema.testing;

import dev.crema.json.Json;
import dev.crema.jvm.synth.SyntheticSpec;

import java.util.List;

/** The shapes that goldens and other tests share. */
public final class SyntheticSpecs {
    private SyntheticSpecs() { }

    /** One model of each kind that the Llama family covers; their goldens come from llama.cpp. */
    public static List<SyntheticSpec> all() {
        var llama3 = new Json.Obj().put("rope_type", "llama3").put("factor", 8.0).put("low_freq_factor", 1.0).put("high_freq_factor", 4.0)
            .put("original_max_position_embeddings", 64L);
        var yarn = new Json.Obj().put("rope_type", "yarn").put("factor", 4.0).put("original_max_position_embeddings", 64L);
        var linear = new Json.Obj().put("type", "linear").put("factor", 2.0);
        return List.of(
            new SyntheticSpec("tiny-llama", "llama", 64, 96, 2, 4, 4, 16, 320, true, null, 0, 256, 1e-5f, 1),
            new SyntheticSpec("tiny-llama3", "llama", 64, 160, 3, 8, 2, 16, 320, false, llama3, 0, 512, 1e-5f, 2),
            new SyntheticSpec("tiny-llama-linear", "llama", 96, 128, 2, 6, 2, 32, 320, true, linear, 0, 512, 1e-5f, 3),
            new SyntheticSpec("tiny-mistral", "mistral", 64, 128, 2, 4, 2, 32, 320, false, null, 0, 256, 1e-5f, 4),
            new SyntheticSpec("tiny-qwen2", "qwen2", 96, 128, 3, 6, 2, 16, 320, true, null, 0, 256, 1e-5f, 5),
            new SyntheticSpec("tiny-qwen2-yarn", "qwen2", 128, 96, 2, 4, 2, 32, 320, false, yarn, 0, 256, 1e-5f, 6),
            new SyntheticSpec("tiny-qwen3", "qwen3", 64, 96, 3, 4, 2, 32, 320, true, null, 0, 256, 1e-5f, 7),
            new SyntheticSpec("tiny-llama-yarn", "llama", 64, 96, 2, 4, 1, 32, 320, true, yarn, 0, 256, 1e-5f, 8));
    }

    /** A model in whose rows blocks of 256 fit, for formats that have them. */
    public static SyntheticSpec superBlocks() {
        return new SyntheticSpec("tiny-llama-256", "llama", 256, 512, 2, 8, 4, 32, 320, false, null, 0, 256, 1e-5f, 9);
    }

    /** The model of {@link #all} that is called so. */
    public static SyntheticSpec named(String name) {
        for (SyntheticSpec spec : all()) {
            if (spec.name().equals(name)) {
                return spec;
            }
        }
        throw new IllegalArgumentException("no synthetic model " + name);
    }
}
