package dev.crema.web.wasm;

import java.util.Map;
import java.util.TreeMap;

/** A range of the linear memory that gives out pieces: the first that is large enough, else what lies behind the last. */
final class Zone {
    /** A cache line: threads that write neighbouring pieces do not disturb each other. Kernels count the addresses of weights in these. */
    static final int ALIGNMENT = 64;

    private final long limit;
    /** Lengths by address, of what is free and of what is taken. */
    private final TreeMap<Long, Long> free = new TreeMap<>();
    private final TreeMap<Long, Long> taken = new TreeMap<>();
    private long end;

    Zone(long from, long limit) {
        end = from;
        this.limit = limit;
    }

    /** Where all pieces so far end. */
    long end() {
        return end;
    }

    long limit() {
        return limit;
    }

    boolean holds(long address) {
        return taken.containsKey(address);
    }

    boolean isEmpty() {
        return taken.isEmpty();
    }

    /** Where the zone would end with so many more bytes in so many pieces. */
    long endWith(long bytes, int pieces) {
        return end + bytes + (long) pieces * ALIGNMENT - free.values().stream().mapToLong(length -> length).sum();
    }

    private static long whole(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** A free piece of at least so many bytes, or -1. */
    long reuse(long bytes) {
        long length = whole(bytes);
        for (Map.Entry<Long, Long> piece : free.entrySet()) {
            if (piece.getValue() >= length) {
                long at = piece.getKey();
                long rest = piece.getValue() - length;
                free.remove(at);
                if (rest > 0) {
                    free.put(at + length, rest);
                }
                taken.put(at, length);
                return at;
            }
        }
        return -1;
    }

    /** Where the zone ends with one more piece at its end. */
    long endAfter(long bytes) {
        return end + whole(bytes);
    }

    /** A piece at the end; the memory must be there. */
    long append(long bytes) {
        long at = end;
        end = endAfter(bytes);
        taken.put(at, end - at);
        return at;
    }

    /** Takes a piece back. */
    void give(long address) {
        long at = address;
        long length = taken.remove(at);
        Map.Entry<Long, Long> before = free.lowerEntry(at);
        if (before != null && before.getKey() + before.getValue() == at) {
            at = before.getKey();
            length += before.getValue();
        }
        Long after = free.remove(at + length);
        length += after == null ? 0 : after;
        free.put(at, length);
    }
}
