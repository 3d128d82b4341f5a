package dev.crema.engine;

/**
 * One request that runs or waits, without a word of what it is about.
 *
 * @param state        {@code waiting}, {@code prefill} or {@code decode}
 * @param cachedTokens of {@code promptTokens}: came from the prefix cache
 * @param kvTokens     of prompt and reply that are in the KV cache
 * @param maxTokens    of the reply, at most
 * @param nanos        since it was submitted
 */
public record SlotStatus(String state, int promptTokens, int cachedTokens, int kvTokens, int replyTokens, int maxTokens, long nanos) { }
