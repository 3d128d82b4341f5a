package dev.crema.jvm.vector;

import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

import java.nio.ByteBuffer;

import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.I;
import static dev.crema.jvm.vector.Lanes.S;

/** A cache in F16, rounded to the nearest. */
final class HalfPanels extends PanelCache {
    private final short[][][] keys;
    private final short[][][] values;

    HalfPanels(KvLayout layout, int pages) {
        super(layout, pages);
        keys = new short[layout.layers()][chunks][];
        values = new short[layout.layers()][chunks][];
    }

    @Override
    void allocate(int layer, int chunk, int chunkPages) {
        keys[layer][chunk] = new short[chunkPages * keyPage()];
        values[layer][chunk] = new short[chunkPages * valuePage()];
    }

    @Override
    void put(int layer, float[] k, float[] v, int from, int page, int head, int place) {
        short[] pageKeys = keys[layer][chunkOf(page)];
        short[] pageValues = values[layer][chunkOf(page)];
        int key = keyAt(page, head) + place;
        int value = valueAt(page, head, 0) + place * Tile.COLUMNS;
        for (int i = 0; i < headDim; i++) {
            pageKeys[key + i * KvPool.PAGE_TOKENS] = Float.floatToFloat16(k[from + i]);
        }
        for (int i = 0; i < headDim && !latent; i++) {
            int panel = i / Tile.COLUMNS;
            pageValues[value + panel * Tile.COLUMNS * KvPool.PAGE_TOKENS + i % Tile.COLUMNS] = Float.floatToFloat16(v[from + i]);
        }
    }

    @Override
    float[] keys(int layer, int page, Scratch scratch) {
        return scratch.kvPanel;
    }

    @Override
    float[] values(int layer, int page, Scratch scratch) {
        return scratch.kvPanel;
    }

    @Override
    int keyPanel(int layer, int page, int head, Scratch scratch) {
        decode(keys[layer][chunkOf(page)], keyAt(page, head), headDim * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    @Override
    int keyChannels(int layer, int page, int head, int panel, Scratch scratch) {
        int channels = Math.min(Tile.COLUMNS, headDim - panel * Tile.COLUMNS);
        decode(keys[layer][chunkOf(page)], keyAt(page, head) + panel * Tile.COLUMNS * KvPool.PAGE_TOKENS, channels * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    @Override
    int valuePanel(int layer, int page, int head, int panel, Scratch scratch) {
        decode(values[layer][chunkOf(page)], valueAt(page, head, panel), Tile.COLUMNS * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    private static void decode(short[] halves, int from, int count, float[] panel) {
        for (int i = 0; i < count; i += COUNT) {
            // Decoder.ofHalves, by hand: a call that C2 chose not to inline would make an object of each vector.
            IntVector bits = (IntVector) ShortVector.fromArray(S, halves, from + i).convertShape(VectorOperators.S2I, I, 0);
            FloatVector magnitude = bits.and(0x7fff).lanewise(VectorOperators.LSHL, 13).reinterpretAsFloats().mul(0x1p112f);
            magnitude.reinterpretAsInts().or(bits.and(0x80000000)).reinterpretAsFloats().intoArray(panel, i);
        }
    }

    @Override
    int pageBytes() {
        return (keyPage() + valuePage()) * Short.BYTES;
    }

    @Override
    void read(int layer, int page, ByteBuffer to) {
        to.asShortBuffer().put(keys[layer][chunkOf(page)], keyAt(page, 0), keyPage()).put(values[layer][chunkOf(page)], valueAt(page, 0, 0), valuePage());
        to.position(to.position() + pageBytes());
    }

    @Override
    void write(int layer, int page, ByteBuffer from) {
        from.asShortBuffer().get(keys[layer][chunkOf(page)], keyAt(page, 0), keyPage()).get(values[layer][chunkOf(page)], valueAt(page, 0, 0), valuePage());
        from.position(from.position() + pageBytes());
    }

    @Override
    void copyPage(int layer, int fromPage, int toPage) {
        System.arraycopy(keys[layer][chunkOf(fromPage)], keyAt(fromPage, 0), keys[layer][chunkOf(toPage)], keyAt(toPage, 0), keyPage());
        System.arraycopy(values[layer][chunkOf(fromPage)], valueAt(fromPage, 0, 0), values[layer][chunkOf(toPage)], valueAt(toPage, 0, 0), valuePage());
    }
}
