package dev.crema.jvm.vector;

import dev.crema.device.KvPool;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory of one thread for everything that does not outlive a piece of work. */
final class Scratch {
    /** Rows of weights as floats, {@link Gemm#SLICE} a row of a panel; {@link MatVec} uses the front. */
    final float[] decoded = new float[Math.max(GemmTile.COLUMNS * Gemm.SLICE, MatVec.PIECE)];
    /** {@link PackedDot} has scales there, one a row and block, and sums in the tile. */
    final float[] panel = new float[Math.max(GemmTile.COLUMNS * Gemm.DEPTH, Packed.ROWS * PackedDot.DEPTH / Packed.BLOCK)];
    final float[] tile = new float[ShortTile.SIZE];
    /** {@link IntGemm}: a panel. */
    final short[] quants = new short[ShortTile.COLUMNS * IntGemm.DEPTH];
    /** {@link BytePanel}: a block of each row of a panel; {@link IntTiles}: one of a row of x. */
    final int[] words = new int[GemmTile.COLUMNS * 8];
    /** {@link PackedDot}: sums for the second of two rows, and products before they are scaled. */
    final float[] otherTile = new float[Packed.ROWS];
    final short[] products = new short[Math.max(IntGemm.PRODUCTS, 2 * Packed.ROWS * PackedDot.DEPTH / Packed.BLOCK)];
    /** {@link PackedBytes}: what became of codes. Outside the heap, as weights are, so that loops see one kind of memory. */
    final MemorySegment bytes = Arena.ofAuto().allocate(PackedBytes.SLICE_BYTES, 64);
    /** Where the rows of a tile begin. */
    final int[] from = new int[Tile.ROWS];
    final int[] outFrom = new int[Tile.ROWS];
    /** Attention: scores of 6 queries with every position, and what they add up to. */
    final float[] scores;
    final int scoreStride;
    final float[] sums = new float[Tile.ROWS];

    /** A panel of the KV cache that was decoded, and one of v that was turned out of k. */
    float[] kvPanel;
    float[] turned = new float[Tile.COLUMNS * KvPool.PAGE_TOKENS];
    /** The same for a second panel. */
    private float[] otherPanel;
    private float[] otherTurned = new float[Tile.COLUMNS * KvPool.PAGE_TOKENS];

    Scratch(int contextLength) {
        this(contextLength, 0);
    }

    Scratch(int contextLength, int headDim) {
        kvPanel = new float[Math.max(Tile.COLUMNS, headDim) * KvPool.PAGE_TOKENS];
        otherPanel = new float[kvPanel.length];
        scoreStride = (contextLength + Tile.COLUMNS - 1) / Tile.COLUMNS * Tile.COLUMNS;
        scores = new float[Tile.ROWS * scoreStride];
    }

    /** Lets the panel that is decoded next stand beside the last one. */
    void swapPanels() {
        float[] panel = kvPanel;
        kvPanel = otherPanel;
        otherPanel = panel;
        panel = turned;
        turned = otherTurned;
        otherTurned = panel;
    }
}
