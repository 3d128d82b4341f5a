package dev.crema.engine;

import java.util.BitSet;

/**
 * How each of a text's first tokens was computed: as one of a prompt's many, or as decode steps are. A device may round differently in the
 * two (see {@code Executable.decodeRows}), so what is computed again is computed the same way, and the text goes on with the same tokens.
 */
final class TokenForms {
    private final BitSet prefilled = new BitSet();
    private int size;

    /** Tokens of which it is known. */
    int size() {
        return size;
    }

    boolean prefilled(int position) {
        return prefilled.get(position);
    }

    /** Notes tokens {@code from .. to-1}; {@code from} is at most {@link #size}. */
    void set(int from, int to, boolean prefill) {
        prefilled.set(from, to, prefill);
        size = Math.max(size, to);
    }

    /** Where the run of tokens ends that were computed as the one at {@code from}. */
    int runEnd(int from) {
        return Math.min(size, prefilled.get(from) ? prefilled.nextClearBit(from) : orSize(prefilled.nextSetBit(from)));
    }

    private int orSize(int position) {
        return position < 0 ? size : position;
    }

    /** Takes over the first {@code length} of another text. */
    void inherit(TokenForms other, int length) {
        for (int at = 0; at < length; at = Math.min(length, other.runEnd(at))) {
            set(at, Math.min(length, other.runEnd(at)), other.prefilled(at));
        }
    }

    /** How many of the first {@code limit} tokens were computed alike in both, as far as it is known of both. */
    int commonPrefix(TokenForms other, int limit) {
        int known = Math.min(limit, Math.min(size, other.size));
        for (int at = 0; at < known; at = Math.min(runEnd(at), other.runEnd(at))) {
            if (prefilled(at) != other.prefilled(at)) {
                return at;
            }
        }
        return limit;
    }
}
