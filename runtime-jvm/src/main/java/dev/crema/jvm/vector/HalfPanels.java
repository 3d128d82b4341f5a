package dev.crema.jvm.vector;

import dev.crema.device.HostBuffers;
import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import jdk.incubator.vector.ShortVector;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.S;

/** A cache in F16, rounded to the nearest. */
final class HalfPanels extends PanelCache {
    private final short[][] keys;
    private final short[][] values;

    HalfPanels(KvLayout layout, int pages) {
        super(layout);
        keys = new short[layout.layers()][HostBuffers.arraySize((long) pages * keyPage(), "a layer of the KV cache")];
        values = new short[layout.layers()][HostBuffers.arraySize((long) pages * valuePage(), "a layer of the KV cache")];
    }

    @Override
    void put(int layer, float[] k, float[] v, int from, int page, int head, int place) {
        int key = keyAt(page, head) + place;
        int value = valueAt(page, head, 0) + place * Tile.COLUMNS;
        for (int i = 0; i < headDim; i++) {
            keys[layer][key + i * KvPool.PAGE_TOKENS] = Float.floatToFloat16(k[from + i]);
            int panel = i / Tile.COLUMNS;
            values[layer][value + panel * Tile.COLUMNS * KvPool.PAGE_TOKENS + i % Tile.COLUMNS] = Float.floatToFloat16(v[from + i]);
        }
    }

    @Override
    float[] keys(int layer, Scratch scratch) {
        return scratch.kvPanel;
    }

    @Override
    float[] values(int layer, Scratch scratch) {
        return scratch.kvPanel;
    }

    @Override
    int keyPanel(int layer, int page, int head, Scratch scratch) {
        decode(keys[layer], keyAt(page, head), headDim * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    @Override
    int valuePanel(int layer, int page, int head, int panel, Scratch scratch) {
        decode(values[layer], valueAt(page, head, panel), Tile.COLUMNS * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    private static void decode(short[] halves, int from, int count, float[] panel) {
        for (int i = 0; i < count; i += COUNT) {
            Decoder.ofHalves(ShortVector.fromArray(S, halves, from + i)).intoArray(panel, i);
        }
    }

    @Override
    void copyPage(int fromPage, int toPage) {
        for (int layer = 0; layer < keys.length; layer++) {
            System.arraycopy(keys[layer], fromPage * keyPage(), keys[layer], toPage * keyPage(), keyPage());
            System.arraycopy(values[layer], fromPage * valuePage(), values[layer], toPage * valuePage(), valuePage());
        }
    }
}
