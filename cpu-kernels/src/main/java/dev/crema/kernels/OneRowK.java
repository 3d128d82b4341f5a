package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;

/**
 * One row of x with four rows of Q4_K or Q6_K weights in {@link Quads}: what {@link MatMulQuads} does for many rows, without memory between. Words here are those
 * of four rows.
 */
final class OneRowK {
    private static final int Q4_K_BLOCK = 4 * 144;
    private static final int Q6_K_BLOCK = 4 * 210;
    private static final int X_BLOCK = 8 * Quantise.BYTES;

    private OneRowK() { }

    static boolean has(int format) {
        return format == Decode.Q4_K || format == Decode.Q6_K;
    }

    /** Four features; {@code blocks} are super-blocks of 256. */
    static F32x4 run(int format, long weight, int x, int blocks) {
        F32x4 sums = F32x4.zero();
        for (int block = 0; block < blocks; block++) {
            sums = format == Decode.Q4_K ? q4(weight + block * Q4_K_BLOCK, x + block * X_BLOCK, sums)
                : q6(weight + block * Q6_K_BLOCK, x + block * X_BLOCK, sums);
        }
        return sums;
    }

    private static F32x4 q4(long weight, int x, F32x4 sums) {
        I32x4 head = I32x4.load(weight);
        F32x4 d = F32x4.f16(head.and(I32x4.splat(0xffff)));
        F32x4 dmin = F32x4.f16(head.shrU(16));
        I32x4 first = I32x4.load(weight + 16);
        I32x4 second = I32x4.load(weight + 32);
        I32x4 third = I32x4.load(weight + 48);
        I32x4 six = I32x4.splat(0x3f3f3f3f);
        I32x4 four = I32x4.splat(0x0f0f0f0f);
        I32x4 top = I32x4.splat(0x30303030);
        sums = q4Half(weight + 64, x, d, dmin, first.and(six), second.and(six), sums);
        return q4Half(weight + 64 + 256, x + 4 * Quantise.BYTES, d, dmin, third.and(four).or(first.shrU(2).and(top)),
            third.shrU(4).and(four).or(second.shrU(2).and(top)), sums);
    }

    /** Four groups of 32 elements, whose scales and minimums are the bytes of two vectors. */
    private static F32x4 q4Half(long quants, int x, F32x4 d, F32x4 dmin, I32x4 scales, I32x4 mins, F32x4 sums) {
        I16x8 ones = I16x8.splat(1);
        I32x4 low = I32x4.splat(0x0f0f0f0f);
        I32x4 oneByte = I32x4.splat(255);
        for (int pair = 0; pair < 2; pair++) {
            I16x8 a = I16x8.zero();
            I16x8 b = I16x8.zero();
            for (int i = 0; i < 8; i += 2) {
                I32x4 w0 = I32x4.load(quants + 16 * i);
                I32x4 w1 = I32x4.load(quants + 16 * i + 16);
                a = a.add(products(x + 4 * i, w0.and(low)).add(products(x + 4 * i + 4, w1.and(low))));
                b = b.add(products(x + Quantise.BYTES + 4 * i, w0.shrU(4).and(low)).add(products(x + Quantise.BYTES + 4 * i + 4, w1.shrU(4).and(low))));
            }
            F32x4 scale = d.mul(scales.and(oneByte).toF32());
            sums = a.dot(ones).toF32().fma(scale.mul(F32x4.loadSplat(x + 32)), sums);
            sums = dmin.mul(mins.and(oneByte).toF32()).fma(F32x4.loadSplat(x + 36), sums);
            scale = d.mul(scales.shrU(8).and(oneByte).toF32());
            sums = b.dot(ones).toF32().fma(scale.mul(F32x4.loadSplat(x + Quantise.BYTES + 32)), sums);
            sums = dmin.mul(mins.shrU(8).and(oneByte).toF32()).fma(F32x4.loadSplat(x + Quantise.BYTES + 36), sums);
            scales = scales.shrU(16);
            mins = mins.shrU(16);
            quants += 128;
            x += 2 * Quantise.BYTES;
        }
        return sums;
    }

    private static I16x8 products(int x, I32x4 weights) {
        return I32x4.loadSplat(x).asI8x16().dot7Pairs(weights.asI8x16());
    }

    private static F32x4 q6(long weight, int x, F32x4 sums) {
        F32x4 d = F32x4.loadF16Finite(weight);
        long words = weight + 8;
        for (int part = 0; part < 8; part++) {
            long low = words + 16 * (part / 4 * 16 + part % 2 * 8);
            long high = words + 16 * (32 + part / 4 * 8);
            int shift = part % 4 / 2 * 4;
            int highShift = part % 4 * 2;
            I32x4 scales = I32x4.load(words + 16 * (48 + part / 2)).shl(part % 2 == 0 ? 16 : 0);
            F32x4 scale = d.mul(scales.shl(8).shr(24).toF32());
            sums = q6Half(low, high, shift, highShift, x, scale.mul(F32x4.loadSplat(x + 32)), sums);
            sums = scale.mul(F32x4.splat(32)).fma(F32x4.loadSplat(x + 40), sums);
            scale = d.mul(scales.shr(24).toF32());
            sums = q6Half(low + 64, high + 64, shift, highShift, x + 16, scale.mul(F32x4.loadSplat(x + 32)), sums);
            sums = scale.mul(F32x4.splat(32)).fma(F32x4.loadSplat(x + 44), sums);
            x += Quantise.BYTES;
        }
        return sums;
    }

    /** 16 elements of one scale. */
    private static F32x4 q6Half(long low, long high, int shift, int highShift, int x, F32x4 scale, F32x4 sums) {
        I16x8 ones = I16x8.splat(1);
        I16x8 a = products(x, six(low, high, shift, highShift)).add(products(x + 4, six(low + 16, high + 16, shift, highShift)));
        I16x8 b = products(x + 8, six(low + 32, high + 32, shift, highShift)).add(products(x + 12, six(low + 48, high + 48, shift, highShift)));
        return a.dot(ones).add(b.dot(ones)).toF32().fma(scale, sums);
    }

    private static I32x4 six(long low, long high, int shift, int highShift) {
        return I32x4.load(low).shrU(shift).and(I32x4.splat(0x0f0f0f0f)).or(I32x4.load(high).shrU(highShift).and(I32x4.splat(0x03030303)).shl(4));
    }
}
