package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.I8x16;
import dev.crema.lanes.Kernel;

/**
 * Mat-mul of weights in {@link Quads} of those formats that have no kernel of their own: 32 elements of four rows at a time are unpacked to
 * integers, scales and bases ({@link Unpack}), which then meet all rows of x.
 */
public final class MatMulQuads {
    /** Where in the scratch memory what is unpacked stands, after the sums. */
    private static final int UNPACKED = 16 * QuadMatMul.TILE;

    private MatMulQuads() { }

    /** As {@link QuadMatMul} describes it. */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        QuadMatMul.rest(args, part, parts, scratch);
        int rows = Args.at(args, 0);
        int blocks = Args.word(args, 2);
        int groups = Args.word(args, 4) / 4;
        int from = Part.begin(groups, part, parts);
        int to = Part.begin(groups, part + 1, parts);
        if (rows == 1 && OneRowK.has(Args.word(args, 9))) {
            for (int group = from; group < to; group++) {
                long weight = Args.weight(args, 3) + 4L * group * Args.word(args, 8);
                QuadMatMul.put(args, OneRowK.run(Args.word(args, 9), weight, Args.word(args, 1), blocks / 8), 0, group);
            }
            return;
        }
        for (int first = 0; first < rows; first += QuadMatMul.TILE) {
            int count = Math.min(QuadMatMul.TILE, rows - first);
            for (int group = from; group < to; group++) {
                QuadMatMul.clear(scratch, count);
                long weight = Args.weight(args, 3) + 4L * group * Args.word(args, 8);
                for (int block = 0; block < blocks; block++) {
                    Unpack.run(Args.word(args, 9), weight, block, scratch + UNPACKED);
                    tile(scratch + UNPACKED, Args.word(args, 1) + (block * rows + first) * Quantise.BYTES, count, scratch);
                }
                QuadMatMul.putAll(args, scratch, first, count, group);
            }
        }
    }

    /** Four features of one row of x, whose records follow each other. */
    static F32x4 oneRow(int format, long weight, int x, int blocks, int scratch) {
        if (OneRowK.has(format)) {
            return OneRowK.run(format, weight, x, blocks / 8);
        }
        QuadMatMul.clear(scratch, 1);
        for (int block = 0; block < blocks; block++) {
            Unpack.run(format, weight, block, scratch + UNPACKED);
            tile(scratch + UNPACKED, x + block * Quantise.BYTES, 1, scratch);
        }
        return F32x4.load(scratch);
    }

    /** Adds what 32 elements of four features give for {@code count} rows of x. Products of six bits fit 16 bits in pairs of pairs. */
    private static void tile(int unpacked, int x, int count, int sums) {
        I16x8 ones = I16x8.splat(1);
        I8x16 w0 = I8x16.load(unpacked);
        I8x16 w1 = I8x16.load(unpacked + 16);
        I8x16 w2 = I8x16.load(unpacked + 32);
        I8x16 w3 = I8x16.load(unpacked + 48);
        I8x16 w4 = I8x16.load(unpacked + 64);
        I8x16 w5 = I8x16.load(unpacked + 80);
        I8x16 w6 = I8x16.load(unpacked + 96);
        I8x16 w7 = I8x16.load(unpacked + 112);
        for (int row = 0; row < count; row++) {
            I32x4 low = pair(x, w0, w1).dot(ones).add(pair(x + 8, w2, w3).dot(ones));
            I32x4 high = pair(x + 16, w4, w5).dot(ones).add(pair(x + 24, w6, w7).dot(ones));
            F32x4 d = F32x4.loadSplat(x + 32);
            F32x4 sum = F32x4.load(unpacked + Unpack.BASES).fma(F32x4.loadSplat(x + 40), F32x4.load(sums));
            sum = F32x4.load(unpacked + Unpack.BASES + 16).fma(F32x4.loadSplat(x + 44), sum);
            sum = low.toF32().fma(F32x4.load(unpacked + Unpack.SCALES).mul(d), sum);
            high.toF32().fma(F32x4.load(unpacked + Unpack.SCALES + 16).mul(d), sum).store(sums);
            x += Quantise.BYTES;
            sums += 16;
        }
    }

    private static I16x8 pair(int x, I8x16 a, I8x16 b) {
        return I32x4.loadSplat(x).asI8x16().dot7Pairs(a).add(I32x4.loadSplat(x + 4).asI8x16().dot7Pairs(b));
    }
}
