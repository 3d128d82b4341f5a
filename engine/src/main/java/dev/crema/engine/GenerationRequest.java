package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.sampling.LogitProcessor;
import dev.crema.sampling.SamplingParams;
import dev.crema.sampling.TokenConstraint;

import java.util.List;
import java.util.Set;

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
 * @param constraint  says which tokens may come next, or null; with it, a processor or logprobs each step waits for the one before
 * @param processor   changes logits before they are sampled, or null
 * @param shown       special tokens whose text is part of the reply all the same
 */
public record GenerationRequest(int[] prompt, int maxTokens, SamplingParams sampling, long seed, List<String> stops, boolean ignoreEnd,
        int topLogprobs, boolean standsAlone, boolean cachePrompt, Cancellation cancellation, TokenConstraint constraint,
        LogitProcessor processor, Set<Integer> shown) {
    /** Shows no special tokens. */
    public GenerationRequest(int[] prompt, int maxTokens, SamplingParams sampling, long seed, List<String> stops, boolean ignoreEnd,
            int topLogprobs, boolean standsAlone, boolean cachePrompt, Cancellation cancellation, TokenConstraint constraint,
            LogitProcessor processor) {
        this(prompt, maxTokens, sampling, seed, stops, ignoreEnd, topLogprobs, standsAlone, cachePrompt, cancellation, constraint, processor,
            Set.of());
    }

    /** Without a constraint or a processor. */
    public GenerationRequest(int[] prompt, int maxTokens, SamplingParams sampling, long seed, List<String> stops, boolean ignoreEnd,
            int topLogprobs, boolean standsAlone, boolean cachePrompt, Cancellation cancellation) {
        this(prompt, maxTokens, sampling, seed, stops, ignoreEnd, topLogprobs, standsAlone, cachePrompt, cancellation, null, null);
    }

    /** Of requests that wait, the one with the highest starts first. */
    int priority() {
        return cancellation instanceof RequestControl control ? control.priority() : 0;
    }

    /** Whether the reply is to end where it is. */
    boolean isFinishing() {
        return cancellation instanceof RequestControl control && control.isFinishing();
    }

    /** Whether the reply is to stay where it is for now. */
    boolean isHeld() {
        return cancellation instanceof RequestControl control && control.isHeld();
    }

    /** Its own, or the sender's. */
    @Override
    public LogitProcessor processor() {
        return processor == null && cancellation instanceof RequestControl control ? control.processor() : processor;
    }

    /** Whether the host has a say in every token, so that no step can be submitted before it has read the one before. */
    boolean needsHost() {
        return topLogprobs >= 0 || constraint != null || processor() != null;
    }
}
