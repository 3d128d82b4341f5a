package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I16x8;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.I8x16;
import dev.crema.lanes.Memory;
import dev.crema.lanes.U8x16;

/** Weights as floats, for every format; dev.crema.quant is the definition. Blocks of 32 and plain formats here, super-blocks in {@link DecodeK}. */
final class Decode {
    static final int F32 = 0;
    static final int F16 = 1;
    static final int Q4_0 = 2;
    static final int Q4_1 = 3;
    static final int Q5_0 = 6;
    static final int Q5_1 = 7;
    static final int Q8_0 = 8;
    static final int Q2_K = 10;
    static final int Q3_K = 11;
    static final int Q4_K = 12;
    static final int Q5_K = 13;
    static final int Q6_K = 14;
    static final int IQ4_NL = 20;
    static final int IQ4_XS = 23;
    static final int BF16 = 30;
    static final int MXFP4 = 39;
    /** It has no id of ggml. */
    static final int IQ2_LEVELS = -1;

    private Decode() { }

    /** n elements, a whole number of blocks. */
    static void run(int format, long from, int n, int to) {
        if (format == F32) {
            Memory.copy(to, from, 4L * n);
        } else if (format == F16) {
            f16(from, n, to);
        } else if (format == BF16) {
            bf16(from, n, to);
        } else if (format == Q8_0) {
            q8_0(from, n, to);
        } else if (format == Q4_0) {
            affine(from, n, to, 18, 0);
        } else if (format == Q4_1) {
            affine(from, n, to, 20, 0);
        } else if (format == Q5_0) {
            affine(from, n, to, 22, 2);
        } else if (format == Q5_1) {
            affine(from, n, to, 24, 4);
        } else if (format == IQ4_NL) {
            iq4_nl(from, n, to);
        } else if (format == MXFP4) {
            mxfp4(from, n, to);
        } else {
            DecodeK.run(format, from, n, to);
        }
    }

    private static void f16(long from, int n, int to) {
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4.loadF16(from + 2 * i).store(to + 4 * i);
        }
        for (; i < n; i++) {
            Memory.storeF32(to + 4 * i, Memory.loadF16(from + 2 * i));
        }
    }

    private static void bf16(long from, int n, int to) {
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4.loadBf16(from + 2 * i).store(to + 4 * i);
        }
        for (; i < n; i++) {
            Memory.storeI32(to + 4 * i, Memory.loadU16(from + 2 * i) << 16);
        }
    }

    private static void q8_0(long from, int n, int to) {
        for (int block = 0; block < n / 32; block++) {
            F32x4 scale = F32x4.splat(Memory.loadF16(from + 34 * block));
            spread(I8x16.load(from + 34 * block + 2), scale, F32x4.zero(), to + 128 * block);
            spread(I8x16.load(from + 34 * block + 18), scale, F32x4.zero(), to + 128 * block + 64);
        }
    }

    /** Q4_0, Q4_1, Q5_0, Q5_1: blocks of so many bytes, the fifth bits (if there are) at {@code highAt}. */
    private static void affine(long from, int n, int to, int bytes, int highAt) {
        boolean minimum = bytes == 20 || bytes == 24;
        int middle = highAt != 0 ? 16 : 8;
        for (int block = 0; block < n / 32; block++) {
            long at = from + bytes * block;
            float scale = Memory.loadF16(at);
            float base = minimum ? Memory.loadF16(at + 2) : -middle * scale;
            U8x16 pairs = U8x16.load(at + bytes - 16);
            U8x16 low = pairs.and(U8x16.splat(15));
            U8x16 high = pairs.shrU(4);
            if (highAt != 0) {
                int bits = Memory.loadI32(at + highAt);
                low = low.or(bits(bits).and(U8x16.splat(16)));
                high = high.or(bits(bits >>> 16).and(U8x16.splat(16)));
            }
            spread(low.asI8x16(), F32x4.splat(scale), F32x4.splat(base), to + 128 * block);
            spread(high.asI8x16(), F32x4.splat(scale), F32x4.splat(base), to + 128 * block + 64);
        }
    }

    /** Of the low 16 bits each a byte, all ones where the bit is set. */
    static U8x16 bits(int bits) {
        U8x16 places = U8x16.shuffle(I16x8.splat(bits & 0xff).asU8x16(), I16x8.splat(bits >>> 8 & 0xff).asU8x16(),
            0, 0, 0, 0, 0, 0, 0, 0, 16, 16, 16, 16, 16, 16, 16, 16);
        U8x16 masks = bitMasks();
        return places.and(masks).eq(masks);
    }

    /** 1, 2, 4 ... 128, twice. */
    private static U8x16 bitMasks() {
        return I32x4.splat(0x08040201).replaceLane(1, 0x80402010).replaceLane(3, 0x80402010).asU8x16();
    }

    private static void iq4_nl(long from, int n, int to) {
        for (int block = 0; block < n / 32; block++) {
            look(nonLinear(), U8x16.load(from + 18 * block + 2), Memory.loadF16(from + 18 * block), to + 128 * block);
        }
    }

    private static void mxfp4(long from, int n, int to) {
        for (int block = 0; block < n / 32; block++) {
            look(e2m1(), U8x16.load(from + 17 * block + 1), halfPowerOfTwo(Memory.loadU8(from + 17 * block)), to + 128 * block);
        }
    }

    /** {@code 2^(e-127) / 2}, for the table holds doubled values. */
    static float halfPowerOfTwo(int exponent) {
        return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : exponent - 1 << 23);
    }

    /** 32 elements whose nibbles are places in a table. */
    static void look(I8x16 table, U8x16 pairs, float scale, int to) {
        spread(table.swizzle(pairs.and(U8x16.splat(15))), F32x4.splat(scale), F32x4.zero(), to);
        spread(table.swizzle(pairs.shrU(4)), F32x4.splat(scale), F32x4.zero(), to + 64);
    }

    /** Non-uniform levels, denser near zero: -127 -104 -83 -65 -49 -35 -22 -10 1 13 25 38 53 69 89 113 (ggml-common.h, kvalues_iq4nl). */
    static I8x16 nonLinear() {
        return I32x4.splat(0xbfad9881).replaceLane(1, 0xf6eaddcf).replaceLane(2, 0x26190d01).replaceLane(3, 0x71594535).asI8x16();
    }

    /** FP4 E2M1, doubled: 0 1 2 3 4 6 8 12, then the same negative. */
    static I8x16 e2m1() {
        return I32x4.splat(0x03020100).replaceLane(1, 0x0c080604).replaceLane(2, 0xfdfeff00).replaceLane(3, 0xf4f8fafc).asI8x16();
    }

    /** {@code scale * q + base} of 16 elements. */
    static void spread(I8x16 q, F32x4 scale, F32x4 base, int to) {
        I16x8 low = q.toI16Low();
        I16x8 high = q.toI16High();
        low.toI32Low().toF32().mul(scale).add(base).store(to);
        low.toI32High().toF32().mul(scale).add(base).store(to + 16);
        high.toI32Low().toF32().mul(scale).add(base).store(to + 32);
        high.toI32High().toF32().mul(scale).add(base).store(to + 48);
    }
}
