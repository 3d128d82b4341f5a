package dev.crema.web.device;

import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;

/** How the KV cache lies in memory; kv_cache.wgsl and the variants of kv.wgsl read it. A format's variant has its name in lower case. */
final class KvRows {
    private static final int UNIT_BYTES = 16;

    private KvRows() { }

    static boolean supports(DType format) {
        return unitQuads(format) > 0;
    }

    static String variant(DType format) {
        return (format + "").toLowerCase();
    }

    /** Quads of channels in 16 bytes (KV_UNIT_QUADS), 0 for formats without a variant. */
    private static int unitQuads(DType format) {
        return switch (format) {
            case F32 -> 1;
            case F16 -> 2;
            case Q8_0 -> 4;
            case Q4_0 -> 8;
            default -> 0;
        };
    }

    /** Bytes of k, and v where it is apart, of one token and kv head; scales of four blocks of both are 16 bytes. */
    static long rowBytes(KvLayout layout, DType format) {
        int headDim = layout.headDim();
        int quads = (headDim + 3) / 4;
        int units = (quads + unitQuads(format) - 1) / unitQuads(format);
        int scales = format.blockSize() > 1 ? (headDim + 127) / 128 : 0;
        return (long) UNIT_BYTES * (layout.sides() * units + scales);
    }

    /** Bytes of a page in one layer. */
    static long pageBytes(KvLayout layout, DType format) {
        return KvPool.PAGE_TOKENS * layout.kvHeads() * rowBytes(layout, format);
    }
}
