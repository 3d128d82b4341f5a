package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Memory;

/** One row of x with weights of 16 bits, which become floats in registers; weights of F16 are taken to be finite. */
final class HalfDot {
    private HalfDot() { }

    static boolean has(int format) {
        return format == Decode.F16 || format == Decode.BF16;
    }

    /** Features {@code from .. to-1} of what {@link MatMul#decoded} is asked for. */
    static void features(int args, int from, int to) {
        int x = Args.word(args, 1);
        int in = Args.word(args, 2);
        int bias = Args.word(args, 7);
        boolean brain = Args.word(args, 4) == Decode.BF16;
        for (int f = from; f < to; f++) {
            long weight = Args.weight(args, 3) + 2L * f * in;
            float sum = brain ? bf16(x, weight, in) : f16(x, weight, in);
            Memory.storeF32(Args.word(args, 8) + 4 * f, sum + (bias == 0 ? 0 : Memory.loadF32(bias + 4 * f)));
        }
    }

    private static float f16(int x, long weight, int n) {
        F32x4 s0 = F32x4.zero();
        F32x4 s1 = F32x4.zero();
        int i = 0;
        for (; i <= n - 8; i += 8) {
            s0 = F32x4.loadF16Finite(weight + 2 * i).fma(F32x4.load(x + 4 * i), s0);
            s1 = F32x4.loadF16Finite(weight + 2 * i + 8).fma(F32x4.load(x + 4 * i + 16), s1);
        }
        float sum = s0.add(s1).sum();
        for (; i < n; i++) {
            sum += Memory.loadF16(weight + 2 * i) * Memory.loadF32(x + 4 * i);
        }
        return sum;
    }

    private static float bf16(int x, long weight, int n) {
        F32x4 s0 = F32x4.zero();
        F32x4 s1 = F32x4.zero();
        F32x4 s2 = F32x4.zero();
        F32x4 s3 = F32x4.zero();
        int i = 0;
        for (; i <= n - 16; i += 16) {
            s0 = F32x4.loadBf16(weight + 2 * i).fma(F32x4.load(x + 4 * i), s0);
            s1 = F32x4.loadBf16(weight + 2 * i + 8).fma(F32x4.load(x + 4 * i + 16), s1);
            s2 = F32x4.loadBf16(weight + 2 * i + 16).fma(F32x4.load(x + 4 * i + 32), s2);
            s3 = F32x4.loadBf16(weight + 2 * i + 24).fma(F32x4.load(x + 4 * i + 48), s3);
        }
        float sum = s0.add(s1).add(s2.add(s3)).sum();
        for (; i < n; i++) {
            sum += Float.intBitsToFloat(Memory.loadU16(weight + 2 * i) << 16) * Memory.loadF32(x + 4 * i);
        }
        return sum;
    }
}
