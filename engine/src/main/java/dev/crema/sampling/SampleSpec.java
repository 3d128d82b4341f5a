package dev.crema.sampling;

/**
 * How a device samples a row. What penalties count is the text itself, of which a device knows every token: nothing of it is sent
 * again. The position comes from the sequence, so the same seed gives the same tokens in any batch on any device.
 *
 * @param seed         64 bits for the random numbers
 * @param promptTokens so many tokens at the start of the sequence are the prompt, the others the reply
 * @param mask         the only tokens that may come, or null for all
 */
public record SampleSpec(SamplingParams params, long seed, int promptTokens, TokenMask mask) {
    /** For a text without a prompt, or rules that ask for none. */
    public SampleSpec(SamplingParams params, long seed) {
        this(params, seed, 0, null);
    }

    /**
     * How many tokens of a text the penalties of a row see: all before it, and of the prompt all that is there.
     *
     * @param position of the token to sample
     * @param length   tokens of the text that have been fed
     */
    public int seen(int position, int length) {
        return Math.max(position, Math.min(promptTokens, length));
    }
}
