package dev.crema.web.wasm;

import java.util.ArrayList;
import java.util.List;

/** Pieces of the heap that are given back together. */
final class Region {
    private final Heap heap;
    private final List<Integer> pieces = new ArrayList<>();
    private long bytes;

    Region(Heap heap) {
        this.heap = heap;
    }

    int take(long length, String what) {
        int address = heap.take(length, what);
        pieces.add(address);
        bytes += length;
        return address;
    }

    long bytes() {
        return bytes;
    }

    /** Gives all back; doing so twice is harmless. */
    void free() {
        pieces.forEach(heap::give);
        pieces.clear();
    }
}
