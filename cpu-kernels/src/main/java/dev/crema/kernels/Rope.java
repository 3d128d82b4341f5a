package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Rotary position embedding. */
public final class Rope {
    private Rope() { }

    /**
     * Turns each head's pairs: rows*, heads, head dim, pairs, whether pairs are neighbours, cosines [rows, pairs], sines [rows, pairs], x, out.
     */
    @Kernel
    public static void heads(int args, int part, int parts, int scratch) {
        int heads = Args.word(args, 1);
        int headDim = Args.word(args, 2);
        int pairs = Args.word(args, 3);
        int count = Args.at(args, 0) * heads;
        int to = Part.begin(count, part + 1, parts);
        for (int i = Part.begin(count, part, parts); i < to; i++) {
            int angles = i / heads * pairs * 4;
            int x = Args.word(args, 7) + 4 * i * headDim;
            int out = Args.word(args, 8) + 4 * i * headDim;
            if (Args.word(args, 4) != 0) {
                neighbours(x, out, Args.word(args, 5) + angles, Args.word(args, 6) + angles, pairs);
            } else {
                halves(x, out, Args.word(args, 5) + angles, Args.word(args, 6) + angles, pairs);
            }
            Memory.copy(out + 8 * pairs, x + 8 * pairs, 4 * headDim - 8 * pairs);
        }
    }

    private static void halves(int x, int out, int cosines, int sines, int pairs) {
        int half = 4 * pairs;
        int i = 0;
        for (; i <= pairs - 4; i += 4) {
            F32x4 a = F32x4.load(x + 4 * i);
            F32x4 b = F32x4.load(x + half + 4 * i);
            F32x4 cos = F32x4.load(cosines + 4 * i);
            F32x4 sin = F32x4.load(sines + 4 * i);
            a.mul(cos).sub(b.mul(sin)).store(out + 4 * i);
            a.mul(sin).add(b.mul(cos)).store(out + half + 4 * i);
        }
        for (; i < pairs; i++) {
            turn(x + 4 * i, x + half + 4 * i, out + 4 * i, out + half + 4 * i, Memory.loadF32(cosines + 4 * i), Memory.loadF32(sines + 4 * i));
        }
    }

    private static void neighbours(int x, int out, int cosines, int sines, int pairs) {
        for (int i = 0; i < pairs; i++) {
            turn(x + 8 * i, x + 8 * i + 4, out + 8 * i, out + 8 * i + 4, Memory.loadF32(cosines + 4 * i), Memory.loadF32(sines + 4 * i));
        }
    }

    private static void turn(int first, int second, int toFirst, int toSecond, float cos, float sin) {
        float a = Memory.loadF32(first);
        float b = Memory.loadF32(second);
        Memory.storeF32(toFirst, a * cos - b * sin);
        Memory.storeF32(toSecond, a * sin + b * cos);
    }
}
