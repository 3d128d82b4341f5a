package dev.crema.sampling;

/** Changes the logits of a text's next token, before any other rule and in place. */
@FunctionalInterface
public interface LogitProcessor {
    /** {@code text} is prompt and reply so far; {@code logits} has one number a token of the vocabulary. */
    void process(int[] text, float[] logits);
}
