package dev.crema.quant;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/**
 * Super-blocks of 256 elements whose quants are points of a lattice, {@code x = d * unit * scale * quant} with whole scales and quants, so that no
 * float rounds. Codes are places in {@link LatticePoints}; multi-byte fields are little-endian.
 *
 * <p>IQ2_XXS: f16 d; for each 32 elements four codes of a byte and a word with 4 x 7 signs below a scale of 4 bits.
 * IQ2_XS: d; 32 words of 16 bits, a code of 9 below 7 signs; 8 bytes with a scale for each 16 elements, the lower nibble first.
 * IQ2_S: d; 32 low bytes of codes; 32 bytes of signs; 8 bytes with their upper two bits; scales as IQ2_XS.
 * IQ3_XXS: d; 64 codes of a byte, a point has four elements; 8 words as in IQ2_XXS.
 * IQ3_S: d; 64 low bytes of codes; 8 bytes with their ninth bits; 32 bytes of signs; 4 bytes with a scale for each 32 elements.
 * These have signs of their own; of 7 signs the eighth makes the number of minuses even. Their scales are {@code 2 n + 1}.
 *
 * <p>IQ1_S: d; 32 low bytes of codes; for each 32 elements 16 bits: 4 x 3 upper bits, 3 bits of scale, the sign of a shift by 1/8.
 * IQ1_M: 32 low bytes; 16 bytes with nibbles of 3 upper bits and the shift's sign; four words of 16 bits with 4 x 3 bits of scale for 16 elements
 * each below 4 of the bits of d.
 */
final class Lattice implements NumberFormat {
    static final int BLOCK = 256;

    /** A super-block in whole numbers. */
    static final class Block {
        /** The f16 scale as it is stored. */
        float d;
        final byte[] quants = new byte[BLOCK];
        /** One for each 16 elements. */
        final int[] scales = new int[16];
    }

    private final DType dtype;
    private final byte[] points;
    /** Coordinates of a point. */
    private final int run;
    /** What a quant of 1 with a scale of 1 is, over d. */
    final float unit;

    private Lattice(DType dtype, byte[] points, int run, float unit) {
        this.dtype = dtype;
        this.points = points;
        this.run = run;
        this.unit = unit;
    }

    /** Null for formats that are no lattice. */
    static Lattice of(DType dtype) {
        return switch (dtype) {
            case IQ1_S, IQ1_M -> new Lattice(dtype, LatticePoints.iq1(), 8, 1 / 8f);
            case IQ2_XXS -> new Lattice(dtype, LatticePoints.iq2xxs(), 8, 1 / 8f);
            case IQ2_XS -> new Lattice(dtype, LatticePoints.iq2xs(), 8, 1 / 8f);
            case IQ2_S -> new Lattice(dtype, LatticePoints.iq2s(), 8, 1 / 8f);
            case IQ3_XXS -> new Lattice(dtype, LatticePoints.iq3xxs(), 4, 1 / 4f);
            case IQ3_S -> new Lattice(dtype, LatticePoints.iq3s(), 4, 1);
            default -> null;
        };
    }

    @Override
    public void dequantize(byte[] src, int srcOffset, float[] dst, int dstOffset, int elements) {
        var block = new Block();
        for (int n = 0; n < elements / BLOCK; n++) {
            read(src, srcOffset + n * dtype.blockBytes(), block);
            for (int i = 0; i < BLOCK; i++) {
                dst[dstOffset + n * BLOCK + i] = block.d * unit * block.scales[i / 16] * block.quants[i];
            }
        }
    }

    /** Reads the super-block at {@code from}. */
    void read(byte[] src, int from, Block block) {
        block.d = d(src, from);
        for (int group = 0; group < 16; group++) {
            block.scales[group] = 2 * scale(src, from, group) + 1;
        }
        for (int n = 0; n < BLOCK / run; n++) {
            int point = code(src, from, n) * run;
            if (dtype == DType.IQ1_S || dtype == DType.IQ1_M) {
                int shift = shiftedDown(src, from, n) ? -1 : 1;
                for (int i = 0; i < run; i++) {
                    block.quants[n * run + i] = (byte) (8 * points[point + i] + shift);
                }
            } else {
                int minuses = signs(src, from, n * run / 8) >> n * run % 8;
                for (int i = 0; i < run; i++) {
                    block.quants[n * run + i] = (byte) ((minuses >> i & 1) != 0 ? -points[point + i] : points[point + i]);
                }
            }
        }
    }

    private float d(byte[] src, int from) {
        if (dtype != DType.IQ1_M) {
            return Float16.toFloat(NumberFormat.short16(src, from));
        }
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= NumberFormat.short16(src, from + 48 + 2 * i) >> 12 << 4 * i;
        }
        return Float16.toFloat(bits);
    }

    /** The scale's bits for the 16 elements of a group. */
    private int scale(byte[] src, int from, int group) {
        return switch (dtype) {
            case IQ1_S -> NumberFormat.short16(src, from + 34 + group / 2 * 2) >> 12 & 7;
            case IQ1_M -> NumberFormat.short16(src, from + 48 + group / 4 * 2) >> group % 4 * 3 & 7;
            case IQ2_XXS -> word(src, from + 6 + group / 2 * 8) >>> 28;
            case IQ2_XS -> src[from + 66 + group / 2] >> group % 2 * 4 & 15;
            case IQ2_S -> src[from + 74 + group / 2] >> group % 2 * 4 & 15;
            case IQ3_XXS -> word(src, from + 66 + group / 2 * 4) >>> 28;
            default -> src[from + 106 + group / 4] >> group / 2 % 2 * 4 & 15;
        };
    }

    /** Of the n-th point. */
    private int code(byte[] src, int from, int n) {
        return switch (dtype) {
            case IQ1_S -> src[from + 2 + n] & 255 | (NumberFormat.short16(src, from + 34 + n / 4 * 2) >> n % 4 * 3 & 7) << 8;
            case IQ1_M -> src[from + n] & 255 | (src[from + 32 + n / 2] >> n % 2 * 4 & 7) << 8;
            case IQ2_XXS -> src[from + 2 + n / 4 * 8 + n % 4] & 255;
            case IQ2_XS -> NumberFormat.short16(src, from + 2 + 2 * n) & 511;
            case IQ2_S -> src[from + 2 + n] & 255 | (src[from + 66 + n / 4] >> n % 4 * 2 & 3) << 8;
            case IQ3_XXS -> src[from + 2 + n] & 255;
            default -> src[from + 2 + n] & 255 | (src[from + 66 + n / 8] >> n % 8 & 1) << 8;
        };
    }

    /** The minuses of eight elements, the first lowest. */
    private int signs(byte[] src, int from, int eight) {
        return switch (dtype) {
            case IQ2_XXS -> even(word(src, from + 6 + eight / 4 * 8) >>> eight % 4 * 7 & 127);
            case IQ2_XS -> even(NumberFormat.short16(src, from + 2 + 2 * eight) >> 9);
            case IQ2_S -> src[from + 34 + eight];
            case IQ3_XXS -> even(word(src, from + 66 + eight / 4 * 4) >>> eight % 4 * 7 & 127);
            default -> src[from + 74 + eight];
        };
    }

    private static int even(int seven) {
        return seven | (Integer.bitCount(seven) & 1) << 7;
    }

    private boolean shiftedDown(byte[] src, int from, int n) {
        return dtype == DType.IQ1_S ? src[from + 35 + n / 4 * 2] < 0 : (src[from + 32 + n / 2] >> n % 2 * 4 & 8) != 0;
    }

    private static int word(byte[] src, int at) {
        return NumberFormat.short16(src, at) | NumberFormat.short16(src, at + 2) << 16;
    }
}
