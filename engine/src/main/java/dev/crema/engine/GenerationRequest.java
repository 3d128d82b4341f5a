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
 * @param standsAlone the reply is a text of its own (a chat's), so the space that some tokenizers put before every text is dropped; else it goes
 *                    on from the prompt's last character
 * @param cachePrompt whether the prompt may reuse cached prefixes and stay in the cache
 */
public record GenerationRequest(int[] prompt, int maxTokens, SamplingParams sampling, long seed, List<String> stops, boolean ignoreEnd,
        int topLogprobs, boolean standsAlone, boolean cachePrompt, Cancellation cancellation) { }
