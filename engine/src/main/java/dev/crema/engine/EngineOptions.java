package dev.crema.engine;

/**
 * How an engine uses its device.
 *
 * @param contextLength tokens of a sequence at most; 0 takes the model's own, bounded so that the cache fits
 * @param maxSequences  requests that run at once; more wait
 * @param maxQueued     requests that wait; one more is refused with QUEUE_FULL
 * @param prefillChunk  prompt tokens of one step at most
 * @param kvTokens      tokens that the KV cache holds over all sequences; 0 for {@code 2 * contextLength}
 */
public record EngineOptions(int contextLength, int maxSequences, int maxQueued, int prefillChunk, int kvTokens) {
    public static final EngineOptions DEFAULT = new EngineOptions(0, 8, 256, 256, 0);
}
