package dev.crema.sampling;

import java.util.Arrays;

/** Which tokens may come next, as a grammar says: one bit a token of the vocabulary. At least one is allowed; never changes. */
public final class TokenMask {
    private final int vocab;
    private final int[] words;

    private TokenMask(int vocab, int[] words) {
        this.vocab = vocab;
        this.words = words;
    }

    /** Bit {@code id % 32} of word {@code id / 32} stands for token {@code id}; bits beyond the vocabulary are ignored. */
    public static TokenMask of(int vocab, int[] words) {
        int count = (vocab + 31) / 32;
        int[] own = Arrays.copyOf(words, count);
        if (vocab % 32 != 0) {
            own[count - 1] &= (1 << vocab % 32) - 1;
        }
        for (int word : own) {
            if (word != 0) {
                return new TokenMask(vocab, own);
            }
        }
        throw new IllegalArgumentException("a mask must allow a token");
    }

    /** Allows {@code ids} and nothing else. */
    public static TokenMask allowing(int vocab, int... ids) {
        int[] words = new int[(vocab + 31) / 32];
        for (int id : ids) {
            if (id < 0 || id >= vocab) {
                throw new IllegalArgumentException("token id " + id + " is outside the vocabulary of " + vocab);
            }
            words[id / 32] |= 1 << id % 32;
        }
        return of(vocab, words);
    }

    public int vocab() {
        return vocab;
    }

    public boolean allows(int id) {
        return (words[id / 32] >>> id % 32 & 1) != 0;
    }

    /** Words of 32 tokens. */
    public int wordCount() {
        return words.length;
    }

    public int word(int index) {
        return words[index];
    }
}
