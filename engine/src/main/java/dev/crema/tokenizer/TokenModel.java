package dev.crema.tokenizer;

/** Turns one piece of text into token ids. Safe to share: what changes during the work is in the {@link Merger}. */
interface TokenModel {
    /** Adds the ids of {@code text[from, to)}, which is well-formed, to {@code out}. */
    void encode(String text, int from, int to, Merger merger, IntList out);
}
