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
 * @param stepsAhead    steps under way at once, 1 to {@link Step#TOKENS_KEPT}, on devices that compute while the host goes on: the device need not
 *                      wait for the host to read a token. Steps that turn out to be too many at a reply's end are thrown away
 */
public record EngineOptions(int contextLength, int maxSequences, int maxQueued, int prefillChunk, int kvTokens, DType kvType, int stepsAhead) {
    public static final EngineOptions DEFAULT = new EngineOptions(0, 8, 256, 256, 0, DType.F32, 4);

    public EngineOptions {
        if (stepsAhead < 1 || stepsAhead > Step.TOKENS_KEPT) {
            throw new IllegalArgumentException(stepsAhead + " steps ahead are not within 1 and " + Step.TOKENS_KEPT);
        }
    }

    public EngineOptions withStepsAhead(int steps) {
        return new EngineOptions(contextLength, maxSequences, maxQueued, prefillChunk, kvTokens, kvType, steps);
    }
}
