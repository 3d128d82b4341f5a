package dev.crema.jvm.vector;

import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;

import java.nio.ByteBuffer;

/** A cache in F32: panels are used where they are. */
final class FloatPanels extends PanelCache {
    private final float[][][] keys;
    private final float[][][] values;

    FloatPanels(KvLayout layout, int pages) {
        super(layout, pages);
        keys = new float[layout.layers()][chunks][];
        values = new float[layout.layers()][chunks][];
    }

    @Override
    void allocate(int layer, int chunk, int chunkPages) {
        keys[layer][chunk] = new float[chunkPages * keyPage()];
        values[layer][chunk] = new float[chunkPages * valuePage()];
    }

    @Override
    void put(int layer, float[] k, float[] v, int from, int page, int head, int place) {
        float[] pageKeys = keys[layer][chunkOf(page)];
        int key = keyAt(page, head) + place;
        for (int i = 0; i < headDim; i++) {
            pageKeys[key + i * KvPool.PAGE_TOKENS] = k[from + i];
        }
        for (int i = 0; i < headDim && !latent; i += Tile.COLUMNS) {
            int to = valueAt(page, head, i / Tile.COLUMNS) + place * Tile.COLUMNS;
            System.arraycopy(v, from + i, values[layer][chunkOf(page)], to, Math.min(Tile.COLUMNS, headDim - i));
        }
    }

    @Override
    float[] keys(int layer, int page, Scratch scratch) {
        return keys[layer][chunkOf(page)];
    }

    @Override
    float[] values(int layer, int page, Scratch scratch) {
        return values[layer][chunkOf(page)];
    }

    @Override
    int keyPanel(int layer, int page, int head, Scratch scratch) {
        return keyAt(page, head);
    }

    @Override
    int keyChannels(int layer, int page, int head, int panel, Scratch scratch) {
        return keyAt(page, head) + panel * Tile.COLUMNS * KvPool.PAGE_TOKENS;
    }

    @Override
    int valuePanel(int layer, int page, int head, int panel, Scratch scratch) {
        return valueAt(page, head, panel);
    }

    @Override
    int pageBytes() {
        return (keyPage() + valuePage()) * Float.BYTES;
    }

    @Override
    void read(int layer, int page, ByteBuffer to) {
        to.asFloatBuffer().put(keys[layer][chunkOf(page)], keyAt(page, 0), keyPage()).put(values[layer][chunkOf(page)], valueAt(page, 0, 0), valuePage());
        to.position(to.position() + pageBytes());
    }

    @Override
    void write(int layer, int page, ByteBuffer from) {
        from.asFloatBuffer().get(keys[layer][chunkOf(page)], keyAt(page, 0), keyPage()).get(values[layer][chunkOf(page)], valueAt(page, 0, 0), valuePage());
        from.position(from.position() + pageBytes());
    }

    @Override
    void copyPage(int layer, int fromPage, int toPage) {
        System.arraycopy(keys[layer][chunkOf(fromPage)], keyAt(fromPage, 0), keys[layer][chunkOf(toPage)], keyAt(toPage, 0), keyPage());
        System.arraycopy(values[layer][chunkOf(fromPage)], valueAt(fromPage, 0, 0), values[layer][chunkOf(toPage)], valueAt(toPage, 0, 0), valuePage());
    }
}
