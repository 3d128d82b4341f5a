package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.Kernel;

/** Mat-mul of Q8_0 weights in {@link Quads} (units of two bytes): integer products with activations in wide integers. */
public final class MatMulQ8_0 {
    /** Bytes of a block of four rows. */
    private static final int BLOCK = 136;

    private MatMulQ8_0() { }

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
                QuadMatMul.put(args, oneRow(Args.weight(args, 3) + (long) group * blocks * BLOCK, Args.word(args, 1), blocks), 0, group);
            }
            return;
        }
        for (int first = 0; first < rows; first += QuadMatMul.TILE) {
            int count = Math.min(QuadMatMul.TILE, rows - first);
            for (int group = from; group < to; group++) {
                QuadMatMul.clear(scratch, count);
                for (int block = 0; block < blocks; block++) {
                    long weight = Args.weight(args, 3) + ((long) group * blocks + block) * BLOCK;
                    int x = Args.word(args, 1) + (block * rows + first) * Quantise.WIDE_BYTES;
                    half(weight, weight + 8, x, x + 64, count, scratch);
                    half(weight, weight + 72, x + 32, x + 64, count, scratch);
                }
                QuadMatMul.putAll(args, scratch, first, count, group);
            }
        }
    }

    /** Two elements of x with those of four rows of weights. */
    private static I32x4 products(int x, I16x8 weights) {
        return I32x4.loadSplat(x).asI16x8().dot(weights);
    }

    static F32x4 oneRow(long weight, int x, int blocks) {
        F32x4 sums = F32x4.zero();
        for (int block = 0; block < blocks; block++) {
            I32x4 all = eight(weight + 8, x).add(eight(weight + 40, x + 16)).add(eight(weight + 72, x + 32).add(eight(weight + 104, x + 48)));
            sums = all.toF32().fma(F32x4.loadF16Finite(weight).mul(F32x4.loadSplat(x + 64)), sums);
            weight += BLOCK;
            x += Quantise.WIDE_BYTES;
        }
        return sums;
    }

    private static I32x4 eight(long weight, int x) {
        return products(x, I16x8.loadI8x8(weight)).add(products(x + 4, I16x8.loadI8x8(weight + 8)))
            .add(products(x + 8, I16x8.loadI8x8(weight + 16)).add(products(x + 12, I16x8.loadI8x8(weight + 24))));
    }

    /** Adds what 16 elements of four features give for {@code count} rows of x; d is at {@code scales}. */
    private static void half(long weight, long quants, int x, int scales, int count, int sums) {
        I16x8 w0 = I16x8.loadI8x8(quants);
        I16x8 w1 = I16x8.loadI8x8(quants + 8);
        I16x8 w2 = I16x8.loadI8x8(quants + 16);
        I16x8 w3 = I16x8.loadI8x8(quants + 24);
        I16x8 w4 = I16x8.loadI8x8(quants + 32);
        I16x8 w5 = I16x8.loadI8x8(quants + 40);
        I16x8 w6 = I16x8.loadI8x8(quants + 48);
        I16x8 w7 = I16x8.loadI8x8(quants + 56);
        F32x4 scale = F32x4.loadF16Finite(weight);
        for (int row = 0; row < count; row++) {
            I32x4 low = products(x, w0).add(products(x + 4, w1)).add(products(x + 8, w2).add(products(x + 12, w3)));
            I32x4 high = products(x + 16, w4).add(products(x + 20, w5)).add(products(x + 24, w6).add(products(x + 28, w7)));
            low.add(high).toF32().fma(scale.mul(F32x4.loadSplat(scales)), F32x4.load(sums)).store(sums);
            x += Quantise.WIDE_BYTES;
            scales += Quantise.WIDE_BYTES;
            sums += 16;
        }
    }
}
