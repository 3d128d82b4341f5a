package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I8x16;
import dev.crema.lanes.Memory;
import dev.crema.lanes.U8x16;

/** Super-blocks of 256 as floats. */
final class DecodeK {
    private DecodeK() { }

    static void run(int format, long from, int n, int to) {
        for (int block = 0; block < n / 256; block++) {
            int out = to + 1024 * block;
            if (format == Decode.Q4_K) {
                q45(from + 144 * block, false, out);
            } else if (format == Decode.Q5_K) {
                q45(from + 176 * block, true, out);
            } else if (format == Decode.Q6_K) {
                q6(from + 210 * block, out);
            } else if (format == Decode.Q2_K) {
                q2(from + 84 * block, out);
            } else if (format == Decode.Q3_K) {
                q3(from + 110 * block, out);
            } else if (format == Decode.IQ2_LEVELS) {
                iq2(from + 108 * block, out);
            } else {
                iq4_xs(from + 136 * block, out);
            }
        }
    }

    /** Six bits: whole in bytes 0-3 for the first four groups, else a nibble of bytes 8-11 and two bits of bytes 0-3. */
    static int scale(long at, int group) {
        return group < 4 ? Memory.loadU8(at + group) & 63 : Memory.loadU8(at + group + 4) & 15 | (Memory.loadU8(at + group - 4) & 0xc0) >> 2;
    }

    static int min(long at, int group) {
        return group < 4 ? Memory.loadU8(at + group + 4) & 63 : Memory.loadU8(at + group + 4) >> 4 | (Memory.loadU8(at + group) & 0xc0) >> 2;
    }

    private static void q45(long from, boolean fifthBit, int to) {
        float d = Memory.loadF16(from);
        float dmin = Memory.loadF16(from + 2);
        long quants = from + (fifthBit ? 48 : 16);
        for (int group = 0; group < 8; group++) {
            F32x4 scale = F32x4.splat(d * scale(from + 4, group));
            F32x4 base = F32x4.splat(-(dmin * min(from + 4, group)));
            for (int half = 0; half < 2; half++) {
                U8x16 q = U8x16.load(quants + group / 2 * 32 + half * 16).shrU(group % 2 * 4).and(U8x16.splat(15));
                if (fifthBit) {
                    q = q.or(U8x16.load(from + 16 + half * 16).shrU(group).and(U8x16.splat(1)).shl(4));
                }
                Decode.spread(q.asI8x16(), scale, base, to + group * 128 + half * 64);
            }
        }
    }

    private static void q6(long from, int to) {
        float d = Memory.loadF16(from + 208);
        for (int group = 0; group < 16; group++) {
            int half = group / 8;
            int inHalf = group % 8;
            U8x16 low = U8x16.load(from + half * 64 + inHalf % 4 * 16).shrU(inHalf / 4 * 4).and(U8x16.splat(15));
            U8x16 high = U8x16.load(from + 128 + half * 32 + inHalf % 2 * 16).shrU(inHalf / 2 * 2).and(U8x16.splat(3)).shl(4);
            I8x16 q = low.or(high).sub(U8x16.splat(32)).asI8x16();
            Decode.spread(q, F32x4.splat(d * Memory.loadI8(from + 192 + group)), F32x4.zero(), to + group * 64);
        }
    }

    private static void q2(long from, int to) {
        float d = Memory.loadF16(from + 80);
        float dmin = Memory.loadF16(from + 82);
        for (int group = 0; group < 16; group++) {
            int sizes = Memory.loadU8(from + group);
            U8x16 q = U8x16.load(from + 16 + group / 8 * 32 + group % 2 * 16).shrU(group % 8 / 2 * 2).and(U8x16.splat(3));
            Decode.spread(q.asI8x16(), F32x4.splat(d * (sizes & 15)), F32x4.splat(-(dmin * (sizes >> 4))), to + group * 64);
        }
    }

    private static void q3(long from, int to) {
        float d = Memory.loadF16(from + 108);
        for (int group = 0; group < 16; group++) {
            int low = Memory.loadU8(from + 96 + group % 8) >> group / 8 * 4 & 15;
            int high = Memory.loadU8(from + 104 + group % 4) >> group / 4 * 2 & 3;
            U8x16 lows = U8x16.load(from + 32 + group / 8 * 32 + group % 2 * 16).shrU(group % 8 / 2 * 2).and(U8x16.splat(3));
            U8x16 highs = U8x16.load(from + group % 2 * 16).shrU(group / 2).and(U8x16.splat(1)).shl(2);
            I8x16 q = lows.or(highs).sub(U8x16.splat(4)).asI8x16();
            Decode.spread(q, F32x4.splat(d * ((low | high << 4) - 32)), F32x4.zero(), to + group * 64);
        }
    }

    /** Levels are 8 + 17 n and one more for 2: 8, 25, 43. A byte is negated by its complement and one. */
    private static void iq2(long from, int to) {
        float d = Memory.loadF16(from) * 0.125f;
        for (int group = 0; group < 16; group++) {
            int scale = Memory.loadU8(from + 4 + group / 2) >> group % 2 * 4 & 15;
            U8x16 places = U8x16.load(from + 44 + group / 4 * 16).shrU(group % 4 * 2).and(U8x16.splat(3));
            U8x16 minuses = U8x16.load(from + 12 + group / 8 * 16).shrU(group % 8).and(U8x16.splat(1)).eq(U8x16.splat(1));
            U8x16 levels = places.shl(4).add(places).add(places.shrU(1)).add(U8x16.splat(8));
            Decode.spread(levels.xor(minuses).sub(minuses).asI8x16(), F32x4.splat(d * (2 * scale + 1)), F32x4.zero(), to + group * 64);
        }
    }

    private static void iq4_xs(long from, int to) {
        float d = Memory.loadF16(from);
        for (int group = 0; group < 8; group++) {
            int low = Memory.loadU8(from + 4 + group / 2) >> group % 2 * 4 & 15;
            int high = Memory.loadU16(from + 2) >> 2 * group & 3;
            Decode.look(Decode.nonLinear(), U8x16.load(from + 8 + group * 16), d * ((low | high << 4) - 32), to + group * 128);
        }
    }
}
