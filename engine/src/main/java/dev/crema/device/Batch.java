package dev.crema.device;

import dev.crema.sampling.SampleSpec;

import java.util.List;

/** The work of one step: for each of several sequences the tokens that come next. A sequence stands in a batch once. */
public record Batch(List<Item> items) {
    public Batch {
        items = List.copyOf(items);
    }

    /**
     * A prefill chunk or a decode step of one sequence.
     *
     * @param tokens  appended to the sequence, at positions {@code sequence.length()...}
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
