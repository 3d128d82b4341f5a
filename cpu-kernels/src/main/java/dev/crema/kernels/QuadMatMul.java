package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.U8x16;

/**
 * What mat-muls over {@link Quads} share. Their operands: 0 rows*, x as {@link Quantise} makes it, blocks of 32 in a row, 3 weight, features, [bias], out,
 * 7 x as floats, bytes of a row of the weight, its format. Scratch: {@link #TILE} vectors and, for what {@link MatMul} does, a panel.
 */
final class QuadMatMul {
    /** Rows of x for which a block of weights is unpacked once: their records and sums stay in the first-level cache. */
    static final int TILE = 32;

    private QuadMatMul() { }

    /** The last few features, which are in no group; the last part has them. */
    static void rest(int args, int part, int parts, int scratch) {
        int features = Args.word(args, 4);
        int first = features & -4;
        if (part == parts - 1 && first < features) {
            int in = 32 * Args.word(args, 2);
            int rowBytes = Args.word(args, 8);
            long panel = MatMul.panel(Args.word(args, 9), Args.weight(args, 3) + (long) first * rowBytes, rowBytes, in, features - first, scratch);
            int bias = Args.word(args, 5) == 0 ? 0 : Args.word(args, 5) + 4 * first;
            MatMul.multiply(Args.word(args, 7), Args.at(args, 0), in, panel, features - first, bias, Args.word(args, 6) + 4 * first, features);
        }
    }

    /** Four bytes of x with each of four rows of weights of 0..127, added in pairs. */
    static I16x8 products(int x, U8x16 weights) {
        return I32x4.loadSplat(x).asI8x16().dot7Pairs(weights.asI8x16());
    }

    static void clear(int sums, int count) {
        for (int i = 0; i < count; i++) {
            F32x4.zero().store(sums + 16 * i);
        }
    }

    /** Stores four features of a row. */
    static void put(int args, F32x4 sums, int row, int group) {
        int bias = Args.word(args, 5);
        F32x4 all = bias == 0 ? sums : sums.add(F32x4.load(bias + 16 * group));
        all.store(Args.word(args, 6) + 4 * (row * Args.word(args, 4) + 4 * group));
    }

    static void putAll(int args, int sums, int first, int count, int group) {
        for (int i = 0; i < count; i++) {
            put(args, F32x4.load(sums + 16 * i), first + i, group);
        }
    }
}
