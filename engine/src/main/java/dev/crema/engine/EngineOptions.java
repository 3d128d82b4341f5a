package dev.crema.engine;

import dev.crema.device.Step;
import dev.crema.tensor.DType;

/**
 * How an engine uses its device.
 *
 * @param contextLength tokens of a sequence at most; 0 takes the model's own, or what 512 MiB of KV cache hold if that is less
 * @param maxSequences  requests that run at once; more wait
 * @param maxQueued     requests that wait; one more is refused with QUEUE_FULL
 * @param prefillChunk  prompt tokens of one step at most
 * @param kvTokens      tokens that the KV cache holds over all sequences; 0 for four contexts, in 512 MiB at most
 * @param kvType        number format of the KV cache
 */
public record EngineOptions(int contextLength, int maxSequences, int maxQueued, int prefillChunk, int kvTokens, DType kvType) {
    public static final EngineOptions DEFAULT = new EngineOptions(0, 8, 256, 256, 0, DType.F32);
}
