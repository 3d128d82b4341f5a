package dev.crema.reference;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

/**
 * Contents of the KV cache: of each layer k and v, {@code [pages * PAGE_TOKENS, kvHeads * headDim]}; a row is a slot of the pool. They are
 * floats whatever the format, and hold what the format makes of them. Values that are a part of the keys are the same arrays.
 */
final class KvCache {
    final float[][] keys;
    final float[][] values;
    private final int width;
    private final DType format;
    private final byte[] row;

    KvCache(KvLayout layout, int pages, DType format) {
        this.format = format;
        width = layout == null ? 0 : layout.width();
        int layers = layout == null ? 0 : layout.layers();
        int elements = HostBuffers.arraySize((long) pages * KvPool.PAGE_TOKENS * width, "a layer of the KV cache");
        keys = new float[layers][elements];
        values = layout != null && layout.isLatent() ? keys : new float[layers][elements];
        row = new byte[(int) format.bytes(width)];
    }

    /** Puts k and v (which may be null) of the batch [tokens, width] where their tokens live. */
    void append(int layer, float[] k, float[] v, FlatBatch batch) {
        for (int t = 0; t < batch.tokens; t++) {
            put(k, t * width, keys[layer], batch.slots[t] * width);
            if (v != null) {
                put(v, t * width, values[layer], batch.slots[t] * width);
            }
        }
    }

    /** There and back: what is kept is rounded. */
    private void put(float[] from, int fromIndex, float[] to, int toIndex) {
        Quant.quantize(format, from, fromIndex, row, 0, width);
        Quant.dequantize(format, row, 0, to, toIndex, width);
    }

    void copyPage(int fromPage, int toPage) {
        int pageElements = KvPool.PAGE_TOKENS * width;
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], fromPage * pageElements, keys[layer], toPage * pageElements, pageElements);
            if (values != keys) {
                System.arraycopy(values[layer], fromPage * pageElements, values[layer], toPage * pageElements, pageElements);
            }
        }
    }
}
