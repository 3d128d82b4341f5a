package dev.crema.tokenizer;

/** A map from a pair of numbers to a number, open addressing, no boxing: 280,000 merges take 6 MB and no objects. */
final class LongIntMap {
    private final long[] keys;
    /** Value + 1; 0 is a free slot. */
    private final int[] values;
    private final int mask;

    /** For at most {@code capacity} entries. */
    LongIntMap(int capacity) {
        int slots = 16;
        while (slots < capacity + (capacity >> 1)) {
            slots <<= 1;
        }
        keys = new long[slots];
        values = new int[slots];
        mask = slots - 1;
    }

    static long pair(int left, int right) {
        return (long) left << 32 | right;
    }

    /** Adds an entry; the first one of a key stays. Returns false where the key was there. */
    boolean putIfAbsent(long key, int value) {
        int slot = slot(key);
        if (values[slot] != 0) {
            return false;
        }
        keys[slot] = key;
        values[slot] = value + 1;
        return true;
    }

    /** The value, or -1. Values are not negative. */
    int get(long key) {
        return values[slot(key)] - 1;
    }

    private int slot(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        int slot = (int) (hash >>> 32) & mask;
        while (values[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        return slot;
    }
}
