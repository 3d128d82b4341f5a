package dev.crema.web.wasm;

import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;

/** The KV cache in the linear memory: of each layer keys, then values where they are apart, a slot a token, the heads of a slot side by side. */
final class KvPlace {
    final int slotBytes;
    final int headBytes;
    final DType format;
    private final int address;
    private final long sideBytes;
    private final int sidesOfLayer;
    private final int sides;
    private final int pageBytes;
    private final Program copy;
    private final int copyNumbers;
    private final KernelHost host;

    KvPlace(KernelHost host, KvLayout layout, Limits limits, Region region) {
        this.host = host;
        format = limits.kvType();
        headBytes = (int) format.bytes(layout.headDim());
        slotBytes = layout.kvHeads() * headBytes;
        pageBytes = slotBytes * KvPool.PAGE_TOKENS;
        sideBytes = (long) pageBytes * limits.kvPages();
        sidesOfLayer = layout.sides();
        sides = sidesOfLayer * layout.layers();
        address = region.take(sideBytes * sides, "A KV cache of " + limits.kvPages() * KvPool.PAGE_TOKENS + " tokens");
        copyNumbers = region.take(24, "a page copy");
        copy = new Program(host, region);
        copy.addAt("kvCache_copyPage", copyNumbers);
        copy.finish();
    }

    int keys(int layer) {
        return (int) (address + (long) sidesOfLayer * layer * sideBytes);
    }

    /** Those of keys, where values are a part of these. */
    int values(int layer) {
        return (int) (address + ((long) sidesOfLayer * (layer + 1) - 1) * sideBytes);
    }

    /** Keys, and values where they are apart, of all layers. */
    int sides() {
        return sides;
    }

    /** Of one side. */
    int pageBytes() {
        return pageBytes;
    }

    /** Where a page of a side begins. */
    int pageAt(int side, int page) {
        return (int) (address + side * sideBytes + (long) page * pageBytes);
    }

    void copyPage(int from, int to, Scratch scratch) {
        host.writeInts(copyNumbers, new int[] {sides, pageBytes, from, to, address, (int) sideBytes}, 6);
        copy.run(scratch);
    }
}
