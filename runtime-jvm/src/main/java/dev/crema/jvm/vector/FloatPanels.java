package dev.crema.jvm.vector;

import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;

/** A cache in F32: panels are used where they are. */
final class FloatPanels extends PanelCache {
    private final float[][] keys;
    private final float[][] values;

    FloatPanels(KvLayout layout, int pages) {
        super(layout);
        keys = new float[layout.layers()][HostBuffers.arraySize((long) pages * keyPage(), "a layer of the KV cache")];
        values = new float[layout.layers()][HostBuffers.arraySize((long) pages * valuePage(), "a layer of the KV cache")];
    }

    @Override
    void put(int layer, float[] k, float[] v, int from, int page, int head, int place) {
        int key = keyAt(page, head) + place;
        for (int i = 0; i < headDim; i++) {
            keys[layer][key + i * KvPool.PAGE_TOKENS] = k[from + i];
        }
        for (int i = 0; i < headDim; i += Tile.COLUMNS) {
            int to = valueAt(page, head, i / Tile.COLUMNS) + place * Tile.COLUMNS;
            System.arraycopy(v, from + i, values[layer], to, Math.min(Tile.COLUMNS, headDim - i));
        }
    }

    @Override
    float[] keys(int layer, Scratch scratch) {
        return keys[layer];
    }

    @Override
    float[] values(int layer, Scratch scratch) {
        return values[layer];
    }

    @Override
    int keyPanel(int layer, int page, int head, Scratch scratch) {
        return keyAt(page, head);
    }

    @Override
    int valuePanel(int layer, int page, int head, int panel, Scratch scratch) {
        return valueAt(page, head, panel);
    }

    @Override
    void copyPage(int fromPage, int toPage) {
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], fromPage * keyPage(), keys[layer], toPage * keyPage(), keyPage());
            System.arraycopy(values[layer], fromPage * valuePage(), values[layer], toPage * valuePage(), valuePage());
        }
    }
}
