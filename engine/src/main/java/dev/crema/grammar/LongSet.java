package dev.crema.grammar;

import java.util.Arrays;

/** Numbers that are not negative, by open addressing. */
final class LongSet {
    private long[] slots = new long[64];
    private int size;

    LongSet() {
        Arrays.fill(slots, -1);
    }

    /** False where it was there already. */
    boolean add(long value) {
        if (2 * size >= slots.length) {
            long[] old = slots;
            slots = new long[2 * old.length];
            Arrays.fill(slots, -1);
            for (long kept : old) {
                if (kept >= 0) {
                    slots[slot(kept)] = kept;
                }
            }
        }
        int slot = slot(value);
        if (slots[slot] == value) {
            return false;
        }
        slots[slot] = value;
        size++;
        return true;
    }

    private int slot(long value) {
        long mixed = value * 0x9E3779B97F4A7C15L;
        int slot = (int) (mixed >>> 32) & slots.length - 1;
        while (slots[slot] >= 0 && slots[slot] != value) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }

    void clear() {
        if (size > 0) {
            Arrays.fill(slots, -1);
            size = 0;
        }
    }
}
