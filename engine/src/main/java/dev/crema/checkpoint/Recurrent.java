package dev.crema.checkpoint;

import java.util.List;

/** Architectures with a state that each token overwrites, in all layers or in some: {@link dev.crema.graph} says why there is no such thing in a graph. */
public final class Recurrent {
    /** What the names begin with, in config.json and in GGUF. */
    private static final List<String> NAMES = List.of("mamba", "falcon_mamba", "codestral_mamba", "rwkv", "arwkv", "recurrent_gemma", "jamba", "bamba", "zamba", "nemotron_h",
        "falcon_h1", "falcon-h1", "granitehybrid", "granitemoehybrid", "plamo2", "plamo-2", "lfm2", "qwen3next", "qwen3_next", "kimi_linear", "kimi-linear");

    private Recurrent() { }

    /** What is wrong with this {@code model_type} or {@code general.architecture}, as the end of a sentence; null for others. */
    public static String problem(String architecture) {
        for (String name : NAMES) {
            if (architecture.startsWith(name)) {
                return "has layers with a recurrent state; Crema's KV cache keeps what each token leaves, and has no place for a state that the next token overwrites";
            }
        }
        return null;
    }
}
