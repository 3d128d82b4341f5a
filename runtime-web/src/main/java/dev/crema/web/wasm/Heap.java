package dev.crema.web.wasm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.util.Map;
import java.util.TreeMap;

/** Gives out pieces of the linear memory: the first that is large enough, else what growing the memory adds. */
final class Heap {
    /** A cache line: threads that write neighbouring pieces do not disturb each other. */
    private static final int ALIGNMENT = 64;

    private final KernelHost host;
    /** Lengths by address, of what is free and of what is taken. */
    private final TreeMap<Long, Long> free = new TreeMap<>();
    private final TreeMap<Long, Long> taken = new TreeMap<>();
    private long end = KernelHost.RESERVED_BYTES;

    Heap(KernelHost host) {
        this.host = host;
    }

    /** The address of {@code bytes} bytes; OUT_OF_MEMORY, with the numbers, where the memory can't grow. */
    int take(long bytes, String what) {
        long length = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long at = find(length);
        if (at < 0) {
            at = end;
            if (at + length > host.maxBytes() || !host.grow(at + length)) {
                throw exhausted(bytes, at, what);
            }
            end += length;
        }
        taken.put(at, length);
        return (int) at;
    }

    /** Grows the memory at once for {@code pieces} pieces of {@code bytes} bytes together; OUT_OF_MEMORY where it can't. */
    void reserve(long bytes, int pieces, String what) {
        long needed = end + bytes + (long) pieces * ALIGNMENT - free.values().stream().mapToLong(length -> length).sum();
        if (needed > host.maxBytes() || !host.grow(needed)) {
            throw exhausted(bytes, end, what);
        }
    }

    private CremaException exhausted(long bytes, long used, String what) {
        return new CremaException(ErrorCode.OUT_OF_MEMORY, what + " needs " + bytes + " bytes beside the " + used + " that are in use, and the "
            + "WebAssembly memory of this page holds " + host.maxBytes() + " at most.",
            "Load a smaller model, the same in a smaller number format, or less context.");
    }

    private long find(long length) {
        for (Map.Entry<Long, Long> piece : free.entrySet()) {
            if (piece.getValue() >= length) {
                long at = piece.getKey();
                long rest = piece.getValue() - length;
                free.remove(at);
                if (rest > 0) {
                    free.put(at + length, rest);
                }
                return at;
            }
        }
        return -1;
    }

    /** Takes a piece back. */
    void give(int address) {
        long at = Integer.toUnsignedLong(address);
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
