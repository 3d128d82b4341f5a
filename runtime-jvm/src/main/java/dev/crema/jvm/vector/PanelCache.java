package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;

/**
 * The KV cache, laid out as panels for {@link Tile}: a page of 16 tokens is for each kv head of k one panel [headDim, 16 tokens] and of v one panel
 * [16 tokens, 16 channels] for every 16 channels. Pages lie in chunks of 64, and a chunk takes memory when its first token comes: a default cache is
 * hundreds of megabytes, of which a short chat needs few, and clearing them would delay the first token.
 */
final class PanelCache {
    /** Pages of a chunk: 1024 tokens. */
    private static final int CHUNK_PAGES = 64;

    /** By layer and chunk; null until a token is kept there. */
    private final float[][][] keys;
    private final float[][][] values;
    private final int pages;
    private final int kvHeads;
    private final int headDim;
    private final int valuePanels;

    PanelCache(KvLayout layout, int pages) {
        kvHeads = layout.kvHeads();
        headDim = layout.headDim();
        valuePanels = (headDim + Tile.COLUMNS - 1) / Tile.COLUMNS;
        this.pages = pages;
        int chunks = (pages + CHUNK_PAGES - 1) / CHUNK_PAGES;
        HostBuffers.arraySize((long) CHUNK_PAGES * Math.max(keyPage(), valuePage()), "1024 tokens of the KV cache");
        keys = new float[layout.layers()][chunks][];
        values = new float[layout.layers()][chunks][];
    }

    /** Pages of a chunk; the last one may be short. */
    private int pagesOf(int chunk) {
        return Math.min(CHUNK_PAGES, pages - chunk * CHUNK_PAGES);
    }

    private void makeChunk(int layer, int chunk) {
        if (values[layer][chunk] == null) {
            keys[layer][chunk] = new float[pagesOf(chunk) * keyPage()];
            values[layer][chunk] = new float[pagesOf(chunk) * valuePage()];
        }
    }

    /** The chunk of a page that has tokens. */
    float[] keys(int layer, int page) {
        return keys[layer][page / CHUNK_PAGES];
    }

    float[] values(int layer, int page) {
        return values[layer][page / CHUNK_PAGES];
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

    /** Where in its chunk the panel of k begins. */
    int keyPanel(int page, int head) {
        return page % CHUNK_PAGES * keyPage() + head * headDim * KvPool.PAGE_TOKENS;
    }

    /** Where in its chunk the panel of v with channels {@code 16 * panel ...} begins. */
    int valuePanel(int page, int head, int panel) {
        return page % CHUNK_PAGES * valuePage() + (head * valuePanels + panel) * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }

    /** Puts k and v [tokens, kvHeads * headDim] of one token where it belongs. */
    void append(int layer, float[] k, float[] v, FlatBatch batch, int token) {
        int page = batch.slots[token] / KvPool.PAGE_TOKENS;
        int place = batch.slots[token] % KvPool.PAGE_TOKENS;
        makeChunk(layer, page / CHUNK_PAGES);
        float[] pageKeys = keys(layer, page);
        float[] pageValues = values(layer, page);
        for (int head = 0; head < kvHeads; head++) {
            int from = (token * kvHeads + head) * headDim;
            int key = keyPanel(page, head) + place;
            for (int i = 0; i < headDim; i++) {
                pageKeys[key + i * KvPool.PAGE_TOKENS] = k[from + i];
            }
            for (int i = 0; i < headDim; i += Tile.COLUMNS) {
                int to = valuePanel(page, head, i / Tile.COLUMNS) + place * Tile.COLUMNS;
                System.arraycopy(v, from + i, pageValues, to, Math.min(Tile.COLUMNS, headDim - i));
            }
        }
    }

    void copyPage(int fromPage, int toPage) {
        for (int layer = 0; layer < keys.length; layer++) {
            makeChunk(layer, toPage / CHUNK_PAGES);
            System.arraycopy(keys(layer, fromPage), keyPanel(fromPage, 0), keys(layer, toPage), keyPanel(toPage, 0), keyPage());
            System.arraycopy(values(layer, fromPage), valuePanel(fromPage, 0, 0), values(layer, toPage), valuePanel(toPage, 0, 0), valuePage());
        }
    }
}
