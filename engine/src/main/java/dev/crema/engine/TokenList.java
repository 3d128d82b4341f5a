package dev.crema.engine;

import java.util.Arrays;

/** A growing list of token ids. */
final class TokenList {
    private int[] ids;
    private int size;

    TokenList(int[] start) {
        ids = Arrays.copyOf(start, Math.max(16, start.length));
        size = start.length;
    }

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
    }

    int size() {
        return size;
    }

    int[] slice(int from, int to) {
        return Arrays.copyOfRange(ids, from, to);
    }

    /** How many ids from the start are the same in both, looking at {@code limit} of this list's at most. */
    int commonPrefix(TokenList other, int limit) {
        int end = Math.min(limit, Math.min(size, other.size));
        int i = 0;
        while (i < end && ids[i] == other.ids[i]) {
            i++;
        }
        return i;
    }
}
