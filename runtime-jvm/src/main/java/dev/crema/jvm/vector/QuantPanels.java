package dev.crema.jvm.vector;

import dev.crema.device.KvPool;
import dev.crema.graph.KvLayout;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

import java.nio.ByteBuffer;

import static dev.crema.jvm.vector.Lanes.B;
import static dev.crema.jvm.vector.Lanes.COUNT;
import static dev.crema.jvm.vector.Lanes.F;

/**
 * A cache in Q8_0 or Q4_0, rounded as {@code dev.crema.quant} does it, a block for 32 channels of a head. The quants stand as in panels of floats; of
 * Q4_0 a byte holds channels i and i + 16 of a block, so there is half as many rows of k, and panels of v in pairs. Scales are floats: of k
 * [block, 16 tokens] and of v the same.
 */
final class QuantPanels extends PanelCache {
    private static final int BLOCK = 32;
    private static final int HALF = BLOCK / 2;
    /** Bytes of 16 elements of 16 tokens. */
    private static final int PANEL = Tile.COLUMNS * KvPool.PAGE_TOKENS;

    private final DType format;
    private final int blocks;
    private final byte[][][] keys;
    private final byte[][][] values;
    private final float[][][] keyScales;
    private final float[][][] valueScales;
    private final byte[] block;

    QuantPanels(KvLayout layout, int pages, DType format) {
        super(layout, pages);
        this.format = format;
        blocks = headDim / BLOCK;
        block = new byte[format.blockBytes()];
        keys = new byte[layout.layers()][chunks][];
        values = new byte[layout.layers()][chunks][];
        keyScales = new float[layout.layers()][chunks][];
        valueScales = new float[layout.layers()][chunks][];
    }

    @Override
    void allocate(int layer, int chunk, int chunkPages) {
        keys[layer][chunk] = new byte[chunkPages * page()];
        values[layer][chunk] = new byte[latent ? 0 : chunkPages * page()];
        keyScales[layer][chunk] = new float[chunkPages * scalePage()];
        valueScales[layer][chunk] = new float[latent ? 0 : chunkPages * scalePage()];
    }

    /** The number in its chunk of the first block of a page's head. */
    private int blockAt(int page, int head) {
        return (inChunk(page) * kvHeads + head) * blocks;
    }

    static long bytes(DType format, long elements) {
        return elements / BLOCK * (format.blockBytes() - 2 + 4);
    }

    private int blockBytes() {
        return (format == DType.Q8_0 ? 2 : 1) * PANEL;
    }

    private int page() {
        return kvHeads * blocks * blockBytes();
    }

    private int scalePage() {
        return kvHeads * blocks * KvPool.PAGE_TOKENS;
    }

    @Override
    void put(int layer, float[] k, float[] v, int from, int page, int head, int place) {
        int chunk = chunkOf(page);
        for (int b = 0; b < blocks; b++) {
            int at = blockAt(page, head) + b;
            Quant.quantize(format, k, from + b * BLOCK, block, 0, BLOCK);
            keyScales[layer][chunk][at * KvPool.PAGE_TOKENS + place] = scale();
            for (int i = 2; i < block.length; i++) {
                keys[layer][chunk][at * blockBytes() + (i - 2) * KvPool.PAGE_TOKENS + place] = block[i];
            }
            if (latent) {
                continue;
            }
            Quant.quantize(format, v, from + b * BLOCK, block, 0, BLOCK);
            valueScales[layer][chunk][at * KvPool.PAGE_TOKENS + place] = scale();
            for (int i = 2; i < block.length; i += HALF) {
                System.arraycopy(block, i, values[layer][chunk], at * blockBytes() + (i - 2) / HALF * PANEL + place * Tile.COLUMNS, HALF);
            }
        }
    }

    private float scale() {
        return Float.float16ToFloat((short) (block[0] & 255 | block[1] << 8));
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
        for (int b = 0; b < blocks; b++) {
            keyBlock(layer, page, blockAt(page, head) + b, scratch, b * BLOCK * KvPool.PAGE_TOKENS);
        }
        return 0;
    }

    @Override
    int keyChannels(int layer, int page, int head, int panel, Scratch scratch) {
        keyBlock(layer, page, blockAt(page, head) + panel / 2, scratch, 0);
        return panel % 2 * PANEL;
    }

    /** Decodes block number {@code at} of the chunk's k to {@code to}. */
    private void keyBlock(int layer, int page, int at, Scratch scratch, int to) {
        byte[] codes = keys[layer][chunkOf(page)];
        float[] scales = keyScales[layer][chunkOf(page)];
        for (int f = 0; f < KvPool.PAGE_TOKENS; f += 8) {
            if (format == DType.Q8_0) {
                keyBytes(codes, at * blockBytes() + f, scales, at * KvPool.PAGE_TOKENS + f, scratch.kvPanel, to + f);
            } else {
                keyNibbles(codes, at * blockBytes() + f, scales, at * KvPool.PAGE_TOKENS + f, scratch.kvPanel, to + f);
            }
        }
    }

    private static void keyBytes(byte[] codes, int from, float[] scales, int scale, float[] panel, int to) {
        for (int i = 0; i < BLOCK * Tile.COLUMNS; i += Tile.COLUMNS) {
            put(ByteVector.fromArray(B, codes, from + i), scales, scale, panel, to + i);
        }
    }

    private static void keyNibbles(byte[] codes, int from, float[] scales, int scale, float[] panel, int to) {
        for (int i = 0; i < PANEL; i += Tile.COLUMNS) {
            ByteVector pairs = ByteVector.fromArray(B, codes, from + i);
            put(Decoder.low(pairs), scales, scale, panel, to + i);
            put(Decoder.high(pairs), scales, scale, panel, to + PANEL + i);
        }
    }

    @Override
    int valuePanel(int layer, int page, int head, int panel, Scratch scratch) {
        int at = blockAt(page, head) + panel / 2;
        int from = at * blockBytes() + (format == DType.Q8_0 ? panel % 2 * PANEL : 0);
        int chunk = chunkOf(page);
        valueCodes(values[layer][chunk], from, format == DType.Q8_0 ? 2 : panel % 2, valueScales[layer][chunk], at * KvPool.PAGE_TOKENS, scratch.kvPanel);
        return 0;
    }

    /** {@code part} 0 takes low nibbles, 1 high ones, 2 whole bytes. */
    private static void valueCodes(byte[] codes, int from, int part, float[] scales, int scale, float[] panel) {
        for (int i = 0; i < PANEL; i += 8) {
            ByteVector bytes = ByteVector.fromArray(B, codes, from + i);
            ByteVector quants = part == 2 ? bytes : part == 1 ? Decoder.high(bytes) : Decoder.low(bytes);
            float by = scales[scale + i / Tile.COLUMNS];
            ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 0)).mul(by).intoArray(panel, i);
            if (COUNT == 4) {
                ((FloatVector) quants.convertShape(VectorOperators.B2F, F, 1)).mul(by).intoArray(panel, i + 4);
            }
        }
    }

    /** Eight bytes times a scale each. */
    private static void put(ByteVector bytes, float[] scales, int scale, float[] panel, int to) {
        ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 0)).mul(FloatVector.fromArray(F, scales, scale)).intoArray(panel, to);
        if (COUNT == 4) {
            ((FloatVector) bytes.convertShape(VectorOperators.B2F, F, 1)).mul(FloatVector.fromArray(F, scales, scale + 4)).intoArray(panel, to + 4);
        }
    }

    @Override
    int pageBytes() {
        return (latent ? 1 : 2) * (page() + scalePage() * Float.BYTES);
    }

    @Override
    void read(int layer, int page, ByteBuffer to) {
        int chunk = chunkOf(page);
        read(keys[layer][chunk], keyScales[layer][chunk], page, to);
        if (!latent) {
            read(values[layer][chunk], valueScales[layer][chunk], page, to);
        }
    }

    private void read(byte[] codes, float[] scales, int page, ByteBuffer to) {
        to.put(codes, inChunk(page) * page(), page()).asFloatBuffer().put(scales, inChunk(page) * scalePage(), scalePage());
        to.position(to.position() + scalePage() * Float.BYTES);
    }

    @Override
    void write(int layer, int page, ByteBuffer from) {
        int chunk = chunkOf(page);
        write(keys[layer][chunk], keyScales[layer][chunk], page, from);
        if (!latent) {
            write(values[layer][chunk], valueScales[layer][chunk], page, from);
        }
    }

    private void write(byte[] codes, float[] scales, int page, ByteBuffer from) {
        from.get(codes, inChunk(page) * page(), page()).asFloatBuffer().get(scales, inChunk(page) * scalePage(), scalePage());
        from.position(from.position() + scalePage() * Float.BYTES);
    }

    @Override
    void copyPage(int layer, int fromPage, int toPage) {
        int from = chunkOf(fromPage);
        int to = chunkOf(toPage);
        System.arraycopy(keys[layer][from], inChunk(fromPage) * page(), keys[layer][to], inChunk(toPage) * page(), page());
        int fromScales = inChunk(fromPage) * scalePage();
        int toScales = inChunk(toPage) * scalePage();
        System.arraycopy(keyScales[layer][from], fromScales, keyScales[layer][to], toScales, scalePage());
        if (!latent) {
            System.arraycopy(values[layer][from], inChunk(fromPage) * page(), values[layer][to], inChunk(toPage) * page(), page());
            System.arraycopy(valueScales[layer][from], fromScales, valueScales[layer][to], toScales, scalePage());
        }
    }
}
