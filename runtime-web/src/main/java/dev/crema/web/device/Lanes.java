package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.FlatBatch;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.TokenMask;

import java.util.Map;

/**
 * What stays on the device from step to step, and what the host knows of it. A sequence that stands in a batch has a lane; one that
 * has none takes the lane that was idle for longest. A lane's memory is only ever compared with what a step needs, so that nothing depends on
 * whose it was.
 */
final class Lanes {
    /** Ids that one request may bias. */
    private static final int MAX_BIASES = 8192;

    /** Places of a lane's arrays, in words of the batch buffer (the counts have their own), and their contents. */
    static final class Lane {
        final int pagesAt;
        final int maskAt;
        final int biasesAt;
        final int countsAt;
        final int[] pages;
        int pageCount;
        TokenMask mask;
        Map<Integer, Float> biases = Map.of();
        private Sequence owner;
        private long used;
        /** Tokens of the owner that are counted, as long as it was truncated so often; and how many of them are its prompt. */
        private int counted = -1;
        private int countedPrompt;
        private int countedTruncations;

        private Lane(int at, int countsAt, int pageWords, int maskWords, int maxBiases) {
            pagesAt = at;
            maskAt = pagesAt + pageWords;
            biasesAt = maskAt + maskWords;
            this.countsAt = countsAt;
            pages = new int[pageWords];
        }

        /** Whether the counts are those of all but the last {@code added} tokens; notes that they will be of all. */
        boolean counts(Sequence sequence, int added, int promptTokens) {
            boolean holds = counted == sequence.length() - added && countedPrompt == promptTokens
                && countedTruncations == sequence.truncations();
            counted = sequence.length();
            countedPrompt = promptTokens;
            countedTruncations = sequence.truncations();
            return holds;
        }
    }

    private final int vocab;
    private final int pageWords;
    private final int maskWords;
    private final int maxBiases;
    private final int lanes;
    private Lane[] all;
    private long steps;

    /** {@code vocab} is 0 for a graph that does not sample. */
    Lanes(Limits limits, int vocab) {
        this.vocab = vocab;
        lanes = limits.maxSequences();
        pageWords = limits.pagesPerSequence();
        maskWords = (vocab + 31) / 32;
        maxBiases = Math.min(vocab, MAX_BIASES);
    }

    int vocab() {
        return vocab;
    }

    /** Words of all lanes in the batch buffer. */
    int words() {
        return Math.multiplyExact(lanes, wordsOfOne());
    }

    /** Words of the counts. */
    long countWords() {
        return (long) lanes * vocab;
    }

    /** Words that one step can send at most, copies' heads included. */
    int updateWords() {
        return Math.multiplyExact(lanes, wordsOfOne() + 3 * 2);
    }

    private int wordsOfOne() {
        return pageWords + maskWords + 2 * maxBiases;
    }

    /** Lays the lanes out from a word of the batch buffer on. */
    void place(int at) {
        all = new Lane[lanes];
        for (int i = 0; i < lanes; i++) {
            all[i] = new Lane(at + i * wordsOfOne(), i * vocab, pageWords, maskWords, maxBiases);
        }
    }

    /** Throws where a batch asks for more than a lane holds, before anything has changed. */
    void check(Batch batch) {
        for (Batch.Item item : batch.items()) {
            SampleSpec spec = item.sample();
            int biases = spec == null ? 0 : spec.params().logitBias().size();
            if (biases > maxBiases) {
                throw new CremaException(ErrorCode.INVALID_REQUEST, "The request biases " + biases + " tokens, and there is room for "
                    + maxBiases + ".", "Bias fewer tokens.");
            }
            if (spec != null && spec.mask() != null && spec.mask().vocab() != vocab) {
                throw new IllegalArgumentException("a mask of " + spec.mask().vocab() + " tokens for rows of " + vocab);
            }
        }
    }

    /** The lane of each sequence of a batch. */
    Lane[] assign(FlatBatch batch) {
        steps++;
        var assigned = new Lane[batch.sequences];
        for (int s = 0; s < batch.sequences; s++) {
            Sequence sequence = batch.batch.items().get(s).sequence();
            for (Lane lane : all) {
                if (lane.owner == sequence) {
                    assigned[s] = lane;
                    lane.used = steps;
                }
            }
        }
        for (int s = 0; s < batch.sequences; s++) {
            if (assigned[s] == null) {
                assigned[s] = idle();
                assigned[s].owner = batch.batch.items().get(s).sequence();
                assigned[s].counted = -1;
                assigned[s].used = steps;
            }
        }
        return assigned;
    }

    /** There is one: a batch has no more sequences than there are lanes. */
    private Lane idle() {
        Lane idle = all[0];
        for (Lane lane : all) {
            idle = lane.used < idle.used ? lane : idle;
        }
        return idle;
    }
}
