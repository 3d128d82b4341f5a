package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import dev.crema.tensor.DType;

import java.nio.ByteBuffer;

/**
 * The KV cache, laid out as panels for {@link Tile}: a page of 16 tokens is for each kv head of k one panel [headDim, 16 tokens] and of v one panel
 * [16 tokens, 16 channels] for every 16 channels. What is not kept in floats is decoded a panel at a time. Pages lie in chunks of 32, and a chunk takes
 * memory when its first token comes: a default cache is hundreds of megabytes, of which a short chat needs few, and clearing them would delay the first token.
 * Where values are a part of the keys ({@link KvLayout#isLatent}), there are no panels of v: each is turned out of one of k when it is read.
 */
abstract class PanelCache {
    /** Pages of a chunk: 512 tokens. */
    private static final int CHUNK_PAGES = 32;

    final int kvHeads;
    final int headDim;
    /** Panels of v that are kept: none where values are a part of the keys. */
    final int valuePanels;
    final boolean latent;
    /** Chunks of all layers, some of which have no memory yet. */
    final int chunks;
    private final int pages;
    private final boolean[][] isThere;

    PanelCache(KvLayout layout, int pages) {
        kvHeads = layout.kvHeads();
        headDim = layout.headDim();
        latent = layout.isLatent();
        valuePanels = latent ? 0 : panels(layout.headDim());
        this.pages = pages;
        chunks = (pages + CHUNK_PAGES - 1) / CHUNK_PAGES;
        isThere = new boolean[layout.layers()][chunks];
        HostBuffers.arraySize((long) CHUNK_PAGES * Math.max(keyPage(), valuePage()), "512 tokens of the KV cache");
    }

    private static int panels(int headDim) {
        return (headDim + Tile.COLUMNS - 1) / Tile.COLUMNS;
    }

    static boolean supports(DType format) {
        return switch (format) {
            case F32, F16, Q8_0, Q4_0 -> true;
            default -> false;
        };
    }

    static PanelCache of(KvLayout layout, int pages, DType format) {
        return switch (format) {
            case F32 -> new FloatPanels(layout, pages);
            case F16 -> new HalfPanels(layout, pages);
            default -> new QuantPanels(layout, pages, format);
        };
    }

    /** Over all layers, k and v; v has whole panels. */
    static long bytesPerToken(KvLayout layout, DType format) {
        int values = layout.isLatent() ? 0 : panels(layout.headDim()) * Tile.COLUMNS;
        long elements = (long) layout.layers() * layout.kvHeads() * (layout.headDim() + values);
        return switch (format) {
            case F32, F16 -> format.bytes(elements);
            default -> QuantPanels.bytes(format, elements);
        };
    }

    /** Takes the memory of a chunk of so many pages. */
    abstract void allocate(int layer, int chunk, int chunkPages);

    /** Puts k and v (null where it is a part of k) of one head of a token, from {@code from}, into place {@code place} of a page. */
    abstract void put(int layer, float[] k, float[] v, int from, int page, int head, int place);

    /** The array in which {@link #keyPanel} finds a place; the thread's own where panels are decoded. */
    abstract float[] keys(int layer, int page, Scratch scratch);

    abstract float[] values(int layer, int page, Scratch scratch);

    /** Where the 16 tokens of each of the channels {@code 16 * panel ...} of k begin in {@link #keys}, one channel after the other, decoded if need be. */
    abstract int keyChannels(int layer, int page, int head, int panel, Scratch scratch);

    /** Where the panel of k begins, decoded if need be. */
    abstract int keyPanel(int layer, int page, int head, Scratch scratch);

    /** Where the panel of v with channels {@code 16 * panel ...} begins, decoded if need be; only where v is kept. */
    abstract int valuePanel(int layer, int page, int head, int panel, Scratch scratch);

    /** Copies a page of one layer; both have memory. */
    abstract void copyPage(int layer, int fromPage, int toPage);

    /** Bytes of a page of one layer. */
    abstract int pageBytes();

    /** Puts a page of one layer, which has memory, into {@code to}: k, then v. */
    abstract void read(int layer, int page, ByteBuffer to);

    /** Takes a page of one layer, which has memory, out of {@code from}. */
    abstract void write(int layer, int page, ByteBuffer from);

    final int layers() {
        return isThere.length;
    }

    final void copyPage(int fromPage, int toPage) {
        for (int layer = 0; layer < isThere.length; layer++) {
            if (has(layer, fromPage)) {
                makeRoom(layer, toPage);
                copyPage(layer, fromPage, toPage);
            }
        }
    }

    /** Whether the page's chunk has memory. */
    final boolean has(int layer, int page) {
        return isThere[layer][chunkOf(page)];
    }

    final void makeRoom(int layer, int page) {
        if (!has(layer, page)) {
            int chunk = chunkOf(page);
            allocate(layer, chunk, Math.min(CHUNK_PAGES, pages - chunk * CHUNK_PAGES));
            isThere[layer][chunk] = true;
        }
    }

    static int chunkOf(int page) {
        return page / CHUNK_PAGES;
    }

    /** Which page of its chunk it is. */
    static int inChunk(int page) {
        return page % CHUNK_PAGES;
    }

    /** The array in which {@link #weighed} finds a panel of v. */
    final float[] weighedIn(int layer, int page, Scratch scratch) {
        return latent ? scratch.turned : values(layer, page, scratch);
    }

    /** {@link #valuePanel}, or what it would be, turned out of the panel of k. */
    final int weighed(int layer, int page, int head, int panel, Scratch scratch) {
        if (!latent) {
            return valuePanel(layer, page, head, panel, scratch);
        }
        int from = keyChannels(layer, page, head, panel, scratch);
        float[] keys = keys(layer, page, scratch);
        int channels = Math.min(Tile.COLUMNS, headDim - panel * Tile.COLUMNS);
        for (int channel = 0; channel < channels; channel++) {
            for (int token = 0; token < KvPool.PAGE_TOKENS; token++) {
                scratch.turned[token * Tile.COLUMNS + channel] = keys[from + channel * KvPool.PAGE_TOKENS + token];
            }
        }
        return 0;
    }

    /** Puts k and v [tokens, kvHeads * headDim] of one token where it belongs; v is null where it is a part of k. */
    final void append(int layer, float[] k, float[] v, FlatBatch batch, int token) {
        int page = batch.slots[token] / KvPool.PAGE_TOKENS;
        int place = batch.slots[token] % KvPool.PAGE_TOKENS;
        makeRoom(layer, page);
        for (int head = 0; head < kvHeads; head++) {
            put(layer, k, v, (token * kvHeads + head) * headDim, page, head, place);
        }
    }

    /** Elements of a page of k, and where a head's panel begins in a chunk. */
    final int keyPage() {
        return kvHeads * headDim * KvPool.PAGE_TOKENS;
    }

    final int keyAt(int page, int head) {
        return inChunk(page) * keyPage() + head * headDim * KvPool.PAGE_TOKENS;
    }

    final int valuePage() {
        return kvHeads * valuePanels * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }

    final int valueAt(int page, int head, int panel) {
        return inChunk(page) * valuePage() + (head * valuePanels + panel) * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }
}
