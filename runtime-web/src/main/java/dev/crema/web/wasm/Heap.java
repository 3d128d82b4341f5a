package dev.crema.web.wasm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

/**
 * Gives out pieces of the linear memory, which grows as it must. In a 64-bit memory weights have a {@link Zone} of their own, beyond
 * what an {@code int} addresses.
 */
final class Heap {
    /** In a 64-bit memory weights begin here: whatever takes their addresses for 32-bit ones fails at once. What is not written takes no memory. */
    private static final long WEIGHTS_FROM = 1L << 32;
    /** And all else ends here, so that an address is an {@code int} that is not negative. */
    private static final long LOW_END = 1L << 31;
    /** What a model needs at least beside its weights, for its cache and its values. */
    private static final long BESIDE_WEIGHTS = 512L << 20;

    private final KernelHost host;
    private Zone low;
    private Zone weights;

    Heap(KernelHost host) {
        this.host = host;
        divide();
    }

    private void divide() {
        boolean wide = host.wide();
        low = new Zone(KernelHost.RESERVED_BYTES, wide ? LOW_END : host.maxBytes());
        weights = wide ? new Zone(WEIGHTS_FROM, host.maxBytes()) : low;
    }

    /** The address of {@code bytes} bytes; OUT_OF_MEMORY, with the numbers, where the memory can't grow. */
    int take(long bytes, String what) {
        return (int) take(low, bytes, what);
    }

    /** The same for a weight, which may stand anywhere. */
    long takeWeight(long bytes, String what) {
        return take(weights, bytes, what);
    }

    private long take(Zone zone, long bytes, String what) {
        long at = zone.reuse(bytes);
        if (at >= 0) {
            return at;
        }
        long end = zone.endAfter(bytes);
        if (end > zone.limit() || !host.grow(end)) {
            throw exhausted(zone, bytes, what);
        }
        return zone.append(bytes);
    }

    /** Grows the memory at once for {@code pieces} weights of {@code bytes} bytes together; OUT_OF_MEMORY where it can't. */
    void awaitReserve(long bytes, int pieces, String what) {
        if (low == weights && low.isEmpty() && low.endWith(bytes, pieces) + BESIDE_WEIGHTS > low.limit() && host.awaitWiden()) {
            divide();
        }
        long end = weights.endWith(bytes, pieces);
        if (end > weights.limit() || !host.grow(end)) {
            throw exhausted(weights, bytes, what);
        }
    }

    private CremaException exhausted(Zone zone, long bytes, String what) {
        String hint = "Load a smaller model, the same in a smaller number format, or less context"
            + (host.wide() ? "." : "; or use a browser whose WebAssembly has 64-bit memories.");
        String where = zone == weights ? "the WebAssembly memory of this page holds " : "its part of the WebAssembly memory of this page holds ";
        return new CremaException(ErrorCode.OUT_OF_MEMORY, what + " needs " + bytes + " bytes beside the " + zone.end() + " that are in use, and "
            + where + zone.limit() + " at most.", hint);
    }

    /** Whether weights stand where an {@code int} reaches them. */
    boolean hasLowWeights() {
        return low == weights;
    }

    /** Takes a piece back. */
    void give(int address) {
        low.give(Integer.toUnsignedLong(address));
    }

    void giveWeight(long address) {
        weights.give(address);
    }
}
