package dev.crema.sampling;

import java.util.Map;

/**
 * How tokens are chosen. The order is fixed: penalties (repetition, frequency, presence) and bias, mask, temperature, top-k, top-p, min-p,
 * typical; each filter sees the probabilities that the one before left, renormalised.
 *
 * @param temperature 0 takes the most likely token (lowest id on a tie) and ignores the filters
 * @param topK        keep the k most likely; 0 keeps all
 * @param topP        keep the fewest most likely whose probabilities reach p; 1 keeps all
 * @param minP        keep what is at least minP times as likely as the most likely; 0 keeps all
 * @param typicalP    keep the fewest most typical (arXiv 2202.00666) whose probabilities reach p; 1 keeps all
 * @param repetitionPenalty 1 is none; logits of tokens of prompt and reply are divided by it where positive, else multiplied (arXiv 1909.05858)
 * @param frequencyPenalty  subtracted for each time the token stands in the reply
 * @param presencePenalty   subtracted once if it stands in the reply
 * @param logitBias   token id to what is added to its logit
 */
public record SamplingParams(float temperature, int topK, float topP, float minP, float typicalP, float repetitionPenalty,
        float frequencyPenalty, float presencePenalty, Map<Integer, Float> logitBias) {
    public static final SamplingParams GREEDY = new SamplingParams(0, 0, 1, 0, 1, 1, 0, 0, Map.of());

    /** True when any rule looks at the text so far. */
    public boolean hasPenalties() {
        return repetitionPenalty != 1 || frequencyPenalty != 0 || presencePenalty != 0;
    }
}
