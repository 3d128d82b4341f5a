package dev.crema.jvm;

import dev.crema.engine.GenerationStats;

/**
 * The continuation of a raw prompt.
 *
 * @param text         without the prompt
 * @param tokens       ids of the continuation, an end token not among them
 * @param finishReason {@code stop} or {@code length}
 */
public record Completion(String text, int[] tokens, String finishReason, GenerationStats stats) { }
