package dev.crema.jvm.synth;

import dev.crema.json.Json;

import java.util.List;

/** Shapes of well-known models, as their config.json has them, and one that is small enough for tests. */
public final class Shapes {
    /** Seed of all weights: one shape and format is one file, everywhere. */
    private static final long SEED = 1;

    private static final List<SyntheticSpec> ALL = List.of(
        llama("tiny", 256, 512, 2, 8, 4, 32, 1024, true, 10_000, null, 4096),
        llama("smollm2-135m", 576, 1536, 30, 9, 3, 64, 49_152, true, 100_000, null, 8192),
        llama("smollm2-360m", 960, 2560, 32, 15, 5, 64, 49_152, true, 100_000, null, 8192),
        qwen("qwen2-0.5b", "qwen2", 896, 4864, 24, 14, 2, 64, 151_936),
        qwen("qwen3-0.6b", "qwen3", 1024, 3072, 28, 16, 8, 128, 151_936),
        llama("llama-3.2-1b", 2048, 8192, 16, 32, 8, 64, 128_256, true, 500_000, llama3(), 131_072),
        llama("llama-3.2-3b", 3072, 8192, 28, 24, 8, 128, 128_256, true, 500_000, llama3(), 131_072),
        llama("llama-2-7b", 4096, 11_008, 32, 32, 32, 128, 32_000, false, 10_000, null, 4096));

    private Shapes() { }

    private static SyntheticSpec llama(String name, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab,
            boolean tied, double theta, Json.Obj scaling, int contextLength) {
        return new SyntheticSpec(name, "llama", hidden, intermediate, layers, heads, kvHeads, headDim, vocab, tied, theta, scaling, 0, contextLength,
            1e-5f, SEED);
    }

    private static SyntheticSpec qwen(String name, String modelType, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim,
            int vocab) {
        return new SyntheticSpec(name, modelType, hidden, intermediate, layers, heads, kvHeads, headDim, vocab, true, 1_000_000, null, 0, 32_768,
            1e-6f, SEED);
    }

    private static Json.Obj llama3() {
        return new Json.Obj().put("rope_type", "llama3").put("factor", 32.0).put("low_freq_factor", 1.0).put("high_freq_factor", 4.0)
            .put("original_max_position_embeddings", 8192L);
    }

    /** The shape of this name, or null. */
    public static SyntheticSpec named(String name) {
        return ALL.stream().filter(spec -> spec.name().equals(name)).findFirst().orElse(null);
    }

    /** All names, for messages. */
    public static String names() {
        return String.join(", ", ALL.stream().map(SyntheticSpec::name).toList());
    }
}
