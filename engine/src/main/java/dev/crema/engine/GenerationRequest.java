package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.sampling.SamplingParams;

import java.util.List;

/**
 * One text to be continued.
 *
 * @param prompt      token ids, at least one
 * @param maxTokens   of the reply; as many as the context holds if larger
 * @param seed        of the sampler
 * @param stops       texts that end the reply and are not part of it
 * @param ignoreEnd   go on past end tokens
 * @param topLogprobs alternatives to report a token: -1 for no logprobs at all, 0 for the chosen token's only
 * @param cachePrompt whether the prompt may reuse cached prefixes and stay in the cache
 */
public record GenerationRequest(int[] prompt, int maxTokens, SamplingParams sampling, long seed, List<String> stops, boolean ignoreEnd,
        int topLogprobs, boolean cachePrompt, Cancellation cancellation) { }
