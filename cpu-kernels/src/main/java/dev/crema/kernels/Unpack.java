package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.I32x4;
import dev.crema.lanes.U8x16;

/**
 * 32 elements of four rows of {@link Quads} as {@code scale * q - base}: eight vectors of q (0..63), each four elements of each row; then scales of the four
 * rows for the first 16 elements and for the last 16; then bases likewise. dev.crema.quant says what blocks are made of; a word here is that of four rows.
 */
final class Unpack {
    static final int SCALES = 128;
    static final int BASES = 160;
    static final int BYTES = 192;

    private Unpack() { }

    /** Elements {@code 32 * part ...} of a group of rows. */
    static void run(int format, long group, int part, int to) {
        int block = 4 * Quads.blockBytes(format);
        if (format == Decode.Q4_K) {
            q45(group + part / 8 * block, part % 8, false, to);
        } else if (format == Decode.Q6_K) {
            q6(group + part / 8 * block, part % 8, to);
        } else if (format == Decode.Q5_K) {
            q45(group + part / 8 * block, part % 8, true, to);
        } else if (format == Decode.Q3_K) {
            q3(group + part / 8 * block, part % 8, to);
        } else if (format == Decode.Q2_K) {
            q2(group + part / 8 * block, part % 8, to);
        } else if (format == Decode.MXFP4) {
            mxfp4(group + part * block, to);
        } else {
            affine(format, group + part * block, to);
        }
    }

    private static I32x4 word(long words, int index) {
        return I32x4.load(words + 16 * index);
    }

    /** Byte {@code index} of each row. */
    private static I32x4 bytes(long words, int index) {
        return word(words, index >> 2).shrU(index % 4 * 8).and(I32x4.splat(255));
    }

    private static F32x4 lowHalf(I32x4 word) {
        return F32x4.f16(word.and(I32x4.splat(0xffff)));
    }

    private static F32x4 highHalf(I32x4 word) {
        return F32x4.f16(word.shrU(16));
    }

    private static void put(int to, F32x4 scale, F32x4 base) {
        scale.store(to + SCALES);
        scale.store(to + SCALES + 16);
        base.store(to + BASES);
        base.store(to + BASES + 16);
    }

    /** The same bits of all bytes: {@code count} of them from {@code shift} on. */
    private static I32x4 bits(I32x4 words, int shift, int mask) {
        return words.shrU(shift).and(I32x4.splat(mask * 0x01010101));
    }

    /** Q4_1, Q5_0, Q5_1: low nibbles, then high ones, with fifth bits from a word of 32. */
    private static void affine(int format, long block, int to) {
        boolean minimum = format != Decode.Q5_0;
        boolean fifth = format != Decode.Q4_1;
        F32x4 scale = minimum ? lowHalf(word(block, 0)) : F32x4.loadF16(block);
        put(to, scale, minimum ? highHalf(word(block, 0)).neg() : scale.mul(F32x4.splat(16)));
        long words = minimum ? block + 16 : block + 8;
        I32x4 high = fifth ? word(words, 0) : I32x4.zero();
        long quants = fifth ? words + 16 : words;
        for (int i = 0; i < 4; i++) {
            I32x4 pairs = word(quants, i);
            bits(pairs, 0, 15).or(fifths(high.shrU(4 * i))).store(to + 16 * i);
            bits(pairs, 4, 15).or(fifths(high.shrU(16 + 4 * i))).store(to + 64 + 16 * i);
        }
    }

    /** The low four bits of each lane, each to bit 4 of a byte of its own. */
    private static I32x4 fifths(I32x4 bits) {
        return bits.and(I32x4.splat(15)).mul(I32x4.splat(0x00204081)).and(I32x4.splat(0x01010101)).shl(4);
    }

    /** The place of a number in the table, plus 12. */
    private static void mxfp4(long block, int to) {
        F32x4 scale = F32x4.zero();
        I32x4 exponents = I32x4.loadSplat(block);
        scale = scale.replaceLane(0, Decode.halfPowerOfTwo(exponents.extractLane(0) & 255));
        scale = scale.replaceLane(1, Decode.halfPowerOfTwo(exponents.extractLane(0) >>> 8 & 255));
        scale = scale.replaceLane(2, Decode.halfPowerOfTwo(exponents.extractLane(0) >>> 16 & 255));
        scale = scale.replaceLane(3, Decode.halfPowerOfTwo(exponents.extractLane(0) >>> 24));
        put(to, scale, scale.mul(F32x4.splat(12)));
        U8x16 table = Decode.e2m1().asU8x16().add(U8x16.splat(12));
        for (int i = 0; i < 4; i++) {
            I32x4 pairs = word(block + 4, i);
            table.swizzle(bits(pairs, 0, 15).asU8x16()).store(to + 16 * i);
            table.swizzle(bits(pairs, 4, 15).asU8x16()).store(to + 64 + 16 * i);
        }
    }

    private static void q45(long block, int part, boolean fifth, int to) {
        I32x4 low = bytes(block, part < 4 ? 4 + part : 8 + part);
        I32x4 top = bytes(block, part < 4 ? 4 + part : part).shrU(6).shl(4);
        I32x4 topOfMin = bytes(block, 4 + part).shrU(6).shl(4);
        I32x4 scale = part < 4 ? low.and(I32x4.splat(63)) : low.and(I32x4.splat(15)).or(top);
        I32x4 min = part < 4 ? bytes(block, 8 + part).and(I32x4.splat(63)) : low.shrU(4).or(topOfMin);
        put(to, lowHalf(word(block, 0)).mul(scale.toF32()), highHalf(word(block, 0)).mul(min.toF32()));
        int quants = (fifth ? 12 : 4) + part / 2 * 8;
        for (int i = 0; i < 8; i++) {
            I32x4 q = bits(word(block, quants + i), part % 2 * 4, 15);
            if (fifth) {
                q = q.or(bits(word(block, 4 + i), part, 1).shl(4));
            }
            q.store(to + 16 * i);
        }
    }

    private static void q6(long block, int part, int to) {
        F32x4 d = F32x4.loadF16(block);
        long words = block + 8;
        put16(to, d, bytes(words, 192 + 2 * part).shl(24).shr(24), bytes(words, 193 + 2 * part).shl(24).shr(24), 32);
        for (int i = 0; i < 8; i++) {
            I32x4 low = bits(word(words, part / 4 * 16 + part % 2 * 8 + i), part % 4 / 2 * 4, 15);
            low.or(bits(word(words, 32 + part / 4 * 8 + i), part % 4 * 2, 3).shl(4)).store(to + 16 * i);
        }
    }

    /** Two scales of each row, and bases that take {@code middle} from q. */
    private static void put16(int to, F32x4 d, I32x4 first, I32x4 last, int middle) {
        F32x4 low = d.mul(first.toF32());
        F32x4 high = d.mul(last.toF32());
        low.store(to + SCALES);
        high.store(to + SCALES + 16);
        low.mul(F32x4.splat(middle)).store(to + BASES);
        high.mul(F32x4.splat(middle)).store(to + BASES + 16);
    }

    private static void q3(long block, int part, int to) {
        long words = block + 8;
        put16(to, F32x4.loadF16(block), scale3(words, 2 * part), scale3(words, 2 * part + 1), 4);
        for (int i = 0; i < 8; i++) {
            I32x4 low = bits(word(words, 8 + part / 4 * 8 + i), part % 4 * 2, 3);
            low.or(bits(word(words, i), part, 1).shl(2)).store(to + 16 * i);
        }
    }

    /** Low four bits in bytes 0-7, two groups a byte; high two bits in bytes 8-11, four groups a byte. */
    private static I32x4 scale3(long words, int group) {
        I32x4 low = bytes(words, 96 + group % 8).shrU(group / 8 * 4).and(I32x4.splat(15));
        I32x4 high = bytes(words, 104 + group % 4).shrU(group / 4 * 2).and(I32x4.splat(3));
        return low.or(high.shl(4)).sub(I32x4.splat(32));
    }

    private static void q2(long block, int part, int to) {
        F32x4 d = lowHalf(word(block, 20));
        F32x4 dmin = highHalf(word(block, 20));
        I32x4 first = bytes(block, 2 * part);
        I32x4 last = bytes(block, 2 * part + 1);
        d.mul(first.and(I32x4.splat(15)).toF32()).store(to + SCALES);
        d.mul(last.and(I32x4.splat(15)).toF32()).store(to + SCALES + 16);
        dmin.mul(first.shrU(4).toF32()).store(to + BASES);
        dmin.mul(last.shrU(4).toF32()).store(to + BASES + 16);
        for (int i = 0; i < 8; i++) {
            bits(word(block, 4 + part / 4 * 8 + i), part % 4 * 2, 3).store(to + 16 * i);
        }
    }
}
