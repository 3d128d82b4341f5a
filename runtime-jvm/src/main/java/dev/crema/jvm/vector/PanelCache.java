package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;

/**
 * The KV cache, laid out as panels for {@link Tile}: a page of 16 tokens is for each kv head of k one panel [headDim, 16 tokens] and of v one panel
 * [16 tokens, 16 channels] for every 16 channels.
 */
final class PanelCache {
    final float[][] keys;
    final float[][] values;
    private final int kvHeads;
    private final int headDim;
    private final int valuePanels;

    PanelCache(KvLayout layout, int pages) {
        kvHeads = layout.kvHeads();
        headDim = layout.headDim();
        valuePanels = (headDim + Tile.COLUMNS - 1) / Tile.COLUMNS;
        keys = new float[layout.layers()][HostBuffers.arraySize((long) pages * keyPage(), "a layer of the KV cache")];
        values = new float[layout.layers()][HostBuffers.arraySize((long) pages * valuePage(), "a layer of the KV cache")];
    }

    /** Over all layers, k and v; v has whole panels. */
    static long bytesPerToken(KvLayout layout) {
        return 4L * layout.layers() * layout.kvHeads() * (layout.headDim() + (layout.headDim() + Tile.COLUMNS - 1) / Tile.COLUMNS * Tile.COLUMNS);
    }

    private int keyPage() {
        return kvHeads * headDim * KvPool.PAGE_TOKENS;
    }

    private int valuePage() {
        return kvHeads * valuePanels * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }

    /** Where the panel of k begins. */
    int keyPanel(int page, int head) {
        return page * keyPage() + head * headDim * KvPool.PAGE_TOKENS;
    }

    /** Where the panel of v with channels {@code 16 * panel ...} begins. */
    int valuePanel(int page, int head, int panel) {
        return page * valuePage() + (head * valuePanels + panel) * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }

    /** Puts k and v [tokens, kvHeads * headDim] of one token where it belongs. */
    void append(int layer, float[] k, float[] v, FlatBatch batch, int token) {
        int page = batch.slots[token] / KvPool.PAGE_TOKENS;
        int place = batch.slots[token] % KvPool.PAGE_TOKENS;
        for (int head = 0; head < kvHeads; head++) {
            int from = (token * kvHeads + head) * headDim;
            int key = keyPanel(page, head) + place;
            for (int i = 0; i < headDim; i++) {
                keys[layer][key + i * KvPool.PAGE_TOKENS] = k[from + i];
            }
            for (int i = 0; i < headDim; i += Tile.COLUMNS) {
                int to = valuePanel(page, head, i / Tile.COLUMNS) + place * Tile.COLUMNS;
                System.arraycopy(v, from + i, values[layer], to, Math.min(Tile.COLUMNS, headDim - i));
            }
        }
    }

    void copyPage(int fromPage, int toPage) {
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], fromPage * keyPage(), keys[layer], toPage * keyPage(), keyPage());
            System.arraycopy(values[layer], fromPage * valuePage(), values[layer], toPage * valuePage(), valuePage());
        }
    }
}
