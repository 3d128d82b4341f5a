package dev.crema.reference;

import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;

/** Contents of the KV cache: of each layer k and v, {@code [pages * PAGE_TOKENS, kvHeads * headDim]}; a row is a slot of the pool. */
final class KvCache {
    final float[][] keys;
    final float[][] values;
    private final int width;

    KvCache(KvLayout layout, int pages) {
        width = layout == null ? 0 : layout.width();
        int layers = layout == null ? 0 : layout.layers();
        int elements = HostBuffers.arraySize((long) pages * KvPool.PAGE_TOKENS * width, "a layer of the KV cache");
        keys = new float[layers][elements];
        values = new float[layers][elements];
    }

    void copyPage(int fromPage, int toPage) {
        int pageElements = KvPool.PAGE_TOKENS * width;
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], fromPage * pageElements, keys[layer], toPage * pageElements, pageElements);
            System.arraycopy(values[layer], fromPage * pageElements, values[layer], toPage * pageElements, pageElements);
        }
    }
}
