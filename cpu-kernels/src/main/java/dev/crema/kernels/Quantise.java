package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.I8x16;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/**
 * Activations in blocks of 32 integers of -127 to 127 times a scale d, for mat-muls with integer weights. Blocks stand by their place in the row: block b
 * of row r is record {@code b * rows + r}.
 */
public final class Quantise {
    /** A record: 32 bytes, then d, -d times the sum of all 32, of the first 16, of the last 16. */
    static final int BYTES = 48;
    /** A record of wide integers: 32 of 16 bits, then d, and three words that are not used. */
    static final int WIDE_BYTES = 80;

    private Quantise() { }

    /** rows*, x, channels, out. */
    @Kernel
    public static void bytes(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int blocks = Args.word(args, 2) / 32;
        int to = Part.begin(rows * blocks, part + 1, parts);
        for (int i = Part.begin(rows * blocks, part, parts); i < to; i++) {
            int x = Args.word(args, 1) + 128 * (i % rows * blocks + i / rows);
            block(x, Args.word(args, 3) + BYTES * i);
        }
    }

    /** The same in wide integers: rows*, x, channels, out. */
    @Kernel
    public static void wide(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int blocks = Args.word(args, 2) / 32;
        int to = Part.begin(rows * blocks, part + 1, parts);
        for (int i = Part.begin(rows * blocks, part, parts); i < to; i++) {
            int x = Args.word(args, 1) + 128 * (i % rows * blocks + i / rows);
            wideBlock(x, Args.word(args, 3) + WIDE_BYTES * i);
        }
    }

    private static float largest(int x) {
        F32x4 a = F32x4.load(x).abs().max(F32x4.load(x + 16).abs()).max(F32x4.load(x + 32).abs().max(F32x4.load(x + 48).abs()));
        F32x4 b = F32x4.load(x + 64).abs().max(F32x4.load(x + 80).abs()).max(F32x4.load(x + 96).abs().max(F32x4.load(x + 112).abs()));
        return a.max(b).maxLane();
    }

    /** Eight elements times {@code inverse}, to the nearest integers. */
    private static I16x8 eight(int x, F32x4 inverse) {
        return I16x8.narrow(F32x4.load(x).mul(inverse).nearestToI32(), F32x4.load(x + 16).mul(inverse).nearestToI32());
    }

    private static void block(int x, int out) {
        float largest = largest(x);
        float d = largest / 127;
        F32x4 inverse = F32x4.splat(d == 0 ? 0 : 127 / largest);
        I16x8 q0 = eight(x, inverse);
        I16x8 q1 = eight(x + 32, inverse);
        I16x8 q2 = eight(x + 64, inverse);
        I16x8 q3 = eight(x + 96, inverse);
        I8x16.narrow(q0, q1).store(out);
        I8x16.narrow(q2, q3).store(out + 16);
        int first = q0.add(q1).extaddPairwise().sum();
        int last = q2.add(q3).extaddPairwise().sum();
        Memory.storeF32(out + 32, d);
        Memory.storeF32(out + 36, -d * (first + last));
        Memory.storeF32(out + 40, -d * first);
        Memory.storeF32(out + 44, -d * last);
    }

    private static void wideBlock(int x, int out) {
        float largest = largest(x);
        float d = largest / 127;
        F32x4 inverse = F32x4.splat(d == 0 ? 0 : 127 / largest);
        for (int i = 0; i < 4; i++) {
            eight(x + 32 * i, inverse).store(out + 16 * i);
        }
        I32x4.zero().asF32x4().replaceLane(0, d).store(out + 64);
    }
}
