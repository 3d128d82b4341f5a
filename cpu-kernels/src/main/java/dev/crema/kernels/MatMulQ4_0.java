package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.I8x16;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.U8x16;

/** Mat-mul of Q4_0 weights in {@link Quads}: integer products with activations in bytes. */
public final class MatMulQ4_0 {
    /** Bytes of a block of four rows. */
    private static final int BLOCK = 72;

    private MatMulQ4_0() { }

    /** As {@link QuadMatMul} describes it. */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        QuadMatMul.rest(args, part, parts, scratch);
        int rows = Args.at(args, 0);
        int blocks = Args.word(args, 2);
        int groups = Args.word(args, 4) / 4;
        int from = Part.begin(groups, part, parts);
        int to = Part.begin(groups, part + 1, parts);
        if (rows == 1) {
            for (int group = from; group < to; group++) {
                F32x4 sums = oneRow(Args.weight(args, 3) + (long) group * blocks * BLOCK, Args.word(args, 1), blocks);
                QuadMatMul.put(args, sums, 0, group);
            }
            return;
        }
        for (int first = 0; first < rows; first += QuadMatMul.TILE) {
            int count = Math.min(QuadMatMul.TILE, rows - first);
            for (int group = from; group < to; group++) {
                QuadMatMul.clear(scratch, count);
                for (int block = 0; block < blocks; block++) {
                    long weight = Args.weight(args, 3) + ((long) group * blocks + block) * BLOCK;
                    tile(weight, Args.word(args, 1) + (block * rows + first) * Quantise.BYTES, count, scratch);
                }
                QuadMatMul.putAll(args, scratch, first, count, group);
            }
        }
    }

    /** Four features of one row of x; low nibbles are the first 16 elements of a block. Two chains of additions, so that they need not wait. */
    static F32x4 oneRow(long weight, int x, int blocks) {
        U8x16 nibble = U8x16.splat(15);
        I16x8 ones = I16x8.splat(1);
        F32x4 sums = F32x4.zero();
        F32x4 corrections = F32x4.zero();
        for (int block = 0; block < blocks; block++) {
            U8x16 p0 = U8x16.load(weight + 8);
            U8x16 p1 = U8x16.load(weight + 24);
            U8x16 p2 = U8x16.load(weight + 40);
            U8x16 p3 = U8x16.load(weight + 56);
            I16x8 low = QuadMatMul.products(x, p0.and(nibble)).add(QuadMatMul.products(x + 4, p1.and(nibble)))
                .add(QuadMatMul.products(x + 8, p2.and(nibble)).add(QuadMatMul.products(x + 12, p3.and(nibble))));
            I16x8 high = QuadMatMul.products(x + 16, p0.shrU(4)).add(QuadMatMul.products(x + 20, p1.shrU(4)))
                .add(QuadMatMul.products(x + 24, p2.shrU(4)).add(QuadMatMul.products(x + 28, p3.shrU(4))));
            F32x4 scale = F32x4.loadF16Finite(weight);
            sums = low.add(high).dot(ones).toF32().fma(scale.mul(F32x4.loadSplat(x + 32)), sums);
            corrections = scale.fma(F32x4.loadSplat(x + 36), corrections);
            weight += BLOCK;
            x += Quantise.BYTES;
        }
        return corrections.fma(F32x4.splat(8), sums);
    }

    /** Adds what one block of four features gives for {@code count} rows of x, whose records follow each other. */
    private static void tile(long weight, int x, int count, int sums) {
        U8x16 nibble = U8x16.splat(15);
        I16x8 ones = I16x8.splat(1);
        U8x16 p0 = U8x16.load(weight + 8);
        U8x16 p1 = U8x16.load(weight + 24);
        U8x16 p2 = U8x16.load(weight + 40);
        U8x16 p3 = U8x16.load(weight + 56);
        U8x16 w0 = p0.and(nibble);
        U8x16 w1 = p1.and(nibble);
        U8x16 w2 = p2.and(nibble);
        U8x16 w3 = p3.and(nibble);
        U8x16 w4 = p0.shrU(4);
        U8x16 w5 = p1.shrU(4);
        U8x16 w6 = p2.shrU(4);
        U8x16 w7 = p3.shrU(4);
        F32x4 scale = F32x4.loadF16Finite(weight);
        F32x4 base = scale.mul(F32x4.splat(8));
        for (int row = 0; row < count; row++) {
            I16x8 low = QuadMatMul.products(x, w0).add(QuadMatMul.products(x + 4, w1)).add(QuadMatMul.products(x + 8, w2))
                .add(QuadMatMul.products(x + 12, w3));
            I16x8 all = low.add(QuadMatMul.products(x + 16, w4)).add(QuadMatMul.products(x + 20, w5)).add(QuadMatMul.products(x + 24, w6))
                .add(QuadMatMul.products(x + 28, w7));
            F32x4 sum = base.fma(F32x4.loadSplat(x + 36), F32x4.load(sums));
            all.dot(ones).toF32().fma(scale.mul(F32x4.loadSplat(x + 32)), sum).store(sums);
            x += Quantise.BYTES;
            sums += 16;
        }
    }
}
