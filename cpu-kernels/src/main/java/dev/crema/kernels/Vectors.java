package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Memory;

/** Loops over vectors of floats in memory, of any length and at any address. */
final class Vectors {
    private Vectors() { }

    /** The sum of products of n elements. */
    static float dot(int a, long b, int n) {
        F32x4 s0 = F32x4.zero();
        F32x4 s1 = F32x4.zero();
        F32x4 s2 = F32x4.zero();
        F32x4 s3 = F32x4.zero();
        int i = 0;
        for (; i <= n - 16; i += 16) {
            s0 = F32x4.load(a + 4 * i).fma(F32x4.load(b + 4 * i), s0);
            s1 = F32x4.load(a + 4 * i + 16).fma(F32x4.load(b + 4 * i + 16), s1);
            s2 = F32x4.load(a + 4 * i + 32).fma(F32x4.load(b + 4 * i + 32), s2);
            s3 = F32x4.load(a + 4 * i + 48).fma(F32x4.load(b + 4 * i + 48), s3);
        }
        for (; i <= n - 4; i += 4) {
            s0 = F32x4.load(a + 4 * i).fma(F32x4.load(b + 4 * i), s0);
        }
        float sum = s0.add(s1).add(s2.add(s3)).sum();
        for (; i < n; i++) {
            sum += Memory.loadF32(a + 4 * i) * Memory.loadF32(b + 4 * i);
        }
        return sum;
    }

    /** {@code to += factor * x}. */
    static void addScaled(int to, float factor, int x, int n) {
        F32x4 factors = F32x4.splat(factor);
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4.load(x + 4 * i).fma(factors, F32x4.load(to + 4 * i)).store(to + 4 * i);
        }
        for (; i < n; i++) {
            Memory.storeF32(to + 4 * i, Memory.loadF32(to + 4 * i) + factor * Memory.loadF32(x + 4 * i));
        }
    }

    /** {@code to = factor * x}; x may be {@code to}. */
    static void scale(int to, float factor, int x, int n) {
        F32x4 factors = F32x4.splat(factor);
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4.load(x + 4 * i).mul(factors).store(to + 4 * i);
        }
        for (; i < n; i++) {
            Memory.storeF32(to + 4 * i, factor * Memory.loadF32(x + 4 * i));
        }
    }
}
