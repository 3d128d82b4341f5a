package dev.crema.device;

import dev.crema.sampling.SampleSpec;

import java.util.List;

/**
 * The work of one step: for each of several sequences the tokens that come next. A sequence stands in a batch once.
 *
 * @param prefill whether the tokens are to be computed in the form for many rows however few they are; else their number decides
 *                ({@link Executable#decodeRows})
 */
public record Batch(List<Item> items, boolean prefill) {
    /** In place of a token id: the token that the item's sequence sampled last in the step before this one. */
    public static final int SAMPLED = Integer.MIN_VALUE;

    public Batch {
        items = List.copyOf(items);
    }

    public Batch(List<Item> items) {
        this(items, false);
    }

    /**
     * A prefill chunk or a decode step of one sequence.
     *
     * @param tokens  appended to the sequence, at positions {@code sequence.length()...}; the first may be {@link #SAMPLED}, so that a step
     *                can be submitted before the host has read the one before ({@link Sequence#hasSampled})
     * @param outputs how many of the last tokens get a row of logits: 0 within a prompt, 1 to sample, more to score or verify
     * @param sample  how to sample each of those rows, or null
     * @param logits  whether the host wants to read the rows ({@link Step#awaitLogits})
     */
    public record Item(Sequence sequence, int[] tokens, int outputs, SampleSpec sample, boolean logits) {
        public Item {
            if (tokens.length == 0 || outputs < 0 || outputs > tokens.length) {
                throw new IllegalArgumentException(outputs + " outputs of " + tokens.length + " tokens");
            }
        }
    }

    public int tokens() {
        int sum = 0;
        for (Item item : items) {
            sum += item.tokens.length;
        }
        return sum;
    }

    public int outputs() {
        int sum = 0;
        for (Item item : items) {
            sum += item.outputs;
        }
        return sum;
    }
}
