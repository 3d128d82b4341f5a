package dev.crema.sampling;

import java.util.Map;

/**
 * The definition of sampling, held against by every device. A row of logits is edited, masked, divided by the temperature, cut by thresholds
 * (ties at a threshold stay), and then each token that is left draws an exponential number; the smallest number over
 * probability wins. That is Gumbel-max: it samples the softmax of what is left, needs no sort and no running sum, and so
 * comes out alike on a GPU. NaN counts as minus infinity. Not thread-safe: it keeps its scratch memory.
 */
public final class Sampler {
    /** The best that a draw can add to a scaled logit: {@code -log(Random.MIN_EXPONENTIAL)}, rounded up. */
    private static final float MAX_GUMBEL = 17.5f;
    private static final int[] NO_TEXT = {};

    private final Cutoff cutoff = new Cutoff();
    private float[] scaled = new float[0];
    private float[] weights = scaled;
    private int[] keys = new int[0];
    private int[] ids = keys;
    /** 0 for a token that the text has not, else 1 and how often it stands in the reply; all 0 between two rows. */
    private int[] counts = keys;
    private int kept;

    /** The token for one row whose rules do not look at the text. */
    public int sample(float[] logits, int offset, int vocab, SampleSpec spec, int position) {
        return sample(logits, offset, vocab, spec, position, NO_TEXT, 0);
    }

    /**
     * The token for one row.
     *
     * @param logits   [.., vocab], read from {@code offset}; not changed
     * @param position of the token in its text, counting from 0: the counter of the random numbers
     * @param text     the tokens so far, of which penalties see the first {@code seen} ({@link SampleSpec#seen})
     */
    public int sample(float[] logits, int offset, int vocab, SampleSpec spec, int position, int[] text, int seen) {
        SamplingParams params = spec.params();
        load(logits, offset, vocab);
        penalise(params, spec.promptTokens(), text, seen);
        if (spec.mask() != null) {
            keepAllowed(spec.mask());
        }
        if (params.temperature() == 0) {
            return mostLikely();
        }
        float inverse = 1 / params.temperature();
        for (int i = 0; i < kept; i++) {
            scaled[i] *= inverse;
        }
        if (params.topK() > 0 && params.topK() < kept) {
            keepTopK(params.topK());
        }
        float max = scaled[indexOfMax()];
        if (params.topP() < 1) {
            weigh(max);
            keepTopP(params.topP());
        }
        if (params.minP() > 0) {
            keepAtLeast(max + (float) Math.log(params.minP()));
        }
        if (params.typicalP() < 1) {
            weigh(max);
            keepTypical(params.typicalP(), max);
        }
        return race(spec.seed(), position);
    }

    private void load(float[] logits, int offset, int vocab) {
        if (scaled.length < vocab) {
            scaled = new float[vocab];
            weights = new float[vocab];
            keys = new int[vocab];
            ids = new int[vocab];
            counts = new int[vocab];
        }
        kept = vocab;
        for (int i = 0; i < vocab; i++) {
            float logit = logits[offset + i];
            scaled[i] = logit != logit ? Float.NEGATIVE_INFINITY : logit;
            ids[i] = i;
        }
    }

    /** Edits the logits of the tokens that the text has or a bias names: {@code (l > 0 ? l / repetition : l * repetition) + shift}. */
    private void penalise(SamplingParams params, int promptTokens, int[] text, int seen) {
        int end = params.hasPenalties() ? seen : 0;
        for (int i = 0; i < end; i++) {
            counts[text[i]] = Math.max(1, counts[text[i]]) + (i < promptTokens ? 0 : 1);
        }
        if (!params.logitBias().isEmpty()) { // An iterator would be an object a token.
            for (Map.Entry<Integer, Float> bias : params.logitBias().entrySet()) {
                if (counts[bias.getKey()] == 0) {
                    scaled[bias.getKey()] += bias.getValue();
                }
            }
        }
        for (int i = 0; i < end; i++) {
            int id = text[i];
            if (counts[id] != 0) {
                int replies = counts[id] - 1;
                float shift = params.logitBias().getOrDefault(id, 0f) - params.frequencyPenalty() * replies
                    - (replies > 0 ? params.presencePenalty() : 0);
                scaled[id] = (scaled[id] > 0 ? scaled[id] / params.repetitionPenalty() : scaled[id] * params.repetitionPenalty()) + shift;
                counts[id] = 0;
            }
        }
    }

    private void keepAllowed(TokenMask mask) {
        if (mask.vocab() != kept) {
            throw new IllegalArgumentException("a mask of " + mask.vocab() + " tokens for a row of " + kept + " logits");
        }
        int count = 0;
        for (int i = 0; i < kept; i++) {
            if (mask.allows(i)) {
                scaled[count] = scaled[i];
                ids[count++] = i;
            }
        }
        kept = count;
    }

    private int indexOfMax() {
        int best = 0;
        for (int i = 1; i < kept; i++) {
            if (scaled[i] > scaled[best]) {
                best = i;
            }
        }
        return best;
    }

    private int mostLikely() {
        return ids[indexOfMax()];
    }

    private void keepTopK(int k) {
        for (int i = 0; i < kept; i++) {
            keys[i] = Cutoff.key(scaled[i]);
        }
        keepAtLeast(Cutoff.value(cutoff.descending(keys, null, kept, k)));
    }

    private void keepTopP(float p) {
        for (int i = 0; i < kept; i++) {
            keys[i] = Cutoff.key(scaled[i]);
        }
        keepAtLeast(Cutoff.value(cutoff.descending(keys, weights, kept, p * total())));
    }

    private void keepAtLeast(float threshold) {
        int count = 0;
        for (int i = 0; i < kept; i++) {
            if (scaled[i] >= threshold) {
                scaled[count] = scaled[i];
                ids[count++] = ids[i];
            }
        }
        kept = count;
    }

    /** Keeps what is closest to the entropy: the distance of a token is {@code |-log p - H|}. */
    private void keepTypical(float p, float max) {
        double total = total();
        double mean = 0;
        for (int i = 0; i < kept; i++) {
            if (weights[i] > 0) {
                mean += weights[i] * (double) (scaled[i] - max);
            }
        }
        // -log p - H = mean - (scaled - max): the logarithm of the total is in both and cancels.
        float typical = (float) (mean / total);
        for (int i = 0; i < kept; i++) {
            keys[i] = Cutoff.key(-Math.abs(typical - (scaled[i] - max)));
        }
        int threshold = cutoff.descending(keys, weights, kept, p * total);
        int count = 0;
        for (int i = 0; i < kept; i++) {
            if (Integer.compareUnsigned(keys[i], threshold) >= 0) {
                scaled[count] = scaled[i];
                ids[count++] = ids[i];
            }
        }
        kept = count;
    }

    /** Softmax without its denominator. */
    private void weigh(float max) {
        for (int i = 0; i < kept; i++) {
            weights[i] = (float) Math.exp(scaled[i] - max);
        }
    }

    private double total() {
        double total = 0;
        for (int i = 0; i < kept; i++) {
            total += weights[i];
        }
        return total;
    }

    private int race(long seed, int position) {
        int winner = indexOfMax();
        float best = score(winner, seed, position);
        int id = ids[winner];
        for (int i = 0; i < kept; i++) {
            if (scaled[i] + MAX_GUMBEL >= best) {
                float score = score(i, seed, position);
                if (score > best || score == best && ids[i] < id) {
                    best = score;
                    id = ids[i];
                }
            }
        }
        return id;
    }

    private float score(int i, long seed, int position) {
        return scaled[i] - (float) Math.log(Random.exponential(Random.bits(seed, position, ids[i])));
    }
}
