package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import static dev.crema.jvm.vector.Lanes.BITS;
import static dev.crema.jvm.vector.Lanes.ORDER;
import static dev.crema.jvm.vector.Lanes.WIDE_B;

/**
 * Quants of 2 to 5 bits with 32 rows side by side, see {@link Packed}: Q5_0, Q5_1, Q5_K, Q2_K, Q3_K, IQ4_NL, IQ4_XS, MXFP4 and what becomes of IQ2. They
 * keep their size, and become bytes as {@link PackedBytes} has them, some columns at a time, before they are multiplied.
 *
 * <p>A block of 32 columns is 16 pairs of columns, each 64 codes {@code [32 rows][2]}. Of four and five bits, vector i of 64 bytes has the lower four bits
 * of pairs 2i and 2i+1; of two and three bits, it has two bits of pairs 4i to 4i+3. What a code has above that follows: bit j of vector h is that of pair
 * 8h + j.
 */
final class PackedCodes {
    private static final int ROWS = Packed.ROWS;
    private static final int BLOCK = Packed.BLOCK;
    private static final int VECTOR = 2 * ROWS;
    private static final int PAIRS = BLOCK / 2;
    private static final long EACH = 0x0101010101010101L;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);
    /** Not the widest: only some processors look up 64 bytes at once. */
    private static final VectorSpecies<Byte> LOOKS = BITS > 128 ? ByteVector.SPECIES_256 : ByteVector.SPECIES_128;
    private static final ByteVector MIDDLES = offsets(LOOKS, 0);
    private static final ByteVector NOTHING = ByteVector.zero(WIDE_B);
    private static final ByteVector LESS_0 = offsets(WIDE_B, 0);
    private static final ByteVector LESS_4 = offsets(WIDE_B, 4);
    private static final ByteVector LESS_16 = offsets(WIDE_B, 16);
    /** ggml-common.h, kvalues_iq4nl. */
    private static final byte[] NON_LINEAR = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
    /** FP4 E2M1, doubled. */
    private static final byte[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};
    /** {@code dev.crema.quant.Iq2Levels}: a place, and the sign above it. */
    private static final byte[] LEVELS = {8, 25, 43, 60, -8, -25, -43, -60, 0, 0, 0, 0, 0, 0, 0, 0};
    private static final ByteVector NON_LINEAR_LOOKUP = lookup(NON_LINEAR);
    private static final ByteVector E2M1_LOOKUP = lookup(E2M1);
    private static final ByteVector LEVELS_LOOKUP = lookup(LEVELS);

    private PackedCodes() { }

    static boolean supports(DType format) {
        return switch (format) {
            case Q5_0, Q5_1, Q5_K, Q2_K, Q3_K, IQ4_NL, IQ4_XS, MXFP4, IQ2_LEVELS -> true;
            default -> false;
        };
    }

    /** Of a quant. */
    static int bits(DType format) {
        return switch (format) {
            case Q2_K -> 2;
            case Q3_K, IQ2_LEVELS -> 3;
            case Q5_0, Q5_1, Q5_K -> 5;
            default -> 4;
        };
    }

    /** What is added to bytes: 128 to the first of a pair, and all are less by {@code middle}. */
    private static ByteVector offsets(VectorSpecies<Byte> species, int middle) {
        byte[] offsets = new byte[species.length()];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = (byte) ((i % 2 == 0 ? 128 : 0) - middle);
        }
        return ByteVector.fromArray(species, offsets, 0);
    }

    private static ByteVector lookup(byte[] table) {
        byte[] repeated = new byte[LOOKS.length()];
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = table[i % table.length];
        }
        return ByteVector.fromArray(LOOKS, repeated, 0);
    }

    // --- packing -------------------------------------------------------------------------------------------------------

    /** Packs the quants of so many columns of one row, whole (super-)blocks, into its lane, which begins at {@code quants}. */
    static void put(DType format, MemorySegment source, long from, int columns, MemorySegment target, long quants) {
        long[] words = new long[format.blockSize() / 8];
        int bits = bits(format);
        for (int column = 0; column < columns; column += format.blockSize(), from += format.blockBytes()) {
            codes(format, source, from, words);
            for (int k = 0; k < format.blockSize(); k += BLOCK, quants += Packed.quantBytes(format, BLOCK)) {
                putBlock(words, k / 8, bits, target, quants);
            }
        }
    }

    private static void putBlock(long[] words, int first, int bits, MemorySegment target, long at) {
        boolean nibbles = bits >= 4;
        long high = at + (nibbles ? 8 : 4) * VECTOR;
        int kept = 0;
        for (int i = 0; i < 4; i++) {
            long word = words[first + i];
            if (nibbles) {
                long low = word & 15 * EACH;
                long two = low | low >>> 12;
                target.set(SHORT, at + 2L * i * VECTOR, (short) two);
                target.set(SHORT, at + (2L * i + 1) * VECTOR, (short) (two >>> 32));
            } else {
                long low = word & 3 * EACH;
                target.set(SHORT, at + i * (long) VECTOR, (short) (low | low >>> 14 | low >>> 28 | low >>> 42));
            }
            if (bits % 2 == 1) {
                long top = word >>> (nibbles ? 4 : 2) & EACH;
                int four = (int) (top | top >>> 15 | top >>> 30 | top >>> 45) & 0xffff;
                if (i % 2 == 1) {
                    target.set(SHORT, high + i / 2 * (long) VECTOR, (short) (kept | four << 4));
                }
                kept = four;
            }
        }
    }

    /** The codes of a (super-)block, a byte each, in the order of columns. */
    private static void codes(DType format, MemorySegment source, long block, long[] words) {
        switch (format) {
            case Q5_0 -> fiveBits(source, block + 6, source.get(INT, block + 2), words);
            case Q5_1 -> fiveBits(source, block + 8, source.get(INT, block + 4), words);
            case IQ4_NL -> fourBits(source, block + 2, words, 0);
            case MXFP4 -> fourBits(source, block + 1, words, 0);
            case IQ4_XS -> {
                for (int group = 0; group < 8; group++) {
                    fourBits(source, block + 8 + group * 16, words, group * 4);
                }
            }
            case Q5_K -> {
                for (int i = 0; i < 32; i++) {
                    int group = i / 4;
                    long low = source.get(LONG, block + 48 + group / 2 * 32 + i % 4 * 8) >>> group % 2 * 4 & 15 * EACH;
                    words[i] = low | (source.get(LONG, block + 16 + i % 4 * 8) >>> group & EACH) << 4;
                }
            }
            default -> {
                for (int i = 0; i < 32; i++) {
                    words[i] = ofGroup(format, source, block, i / 2, i % 2 * 8);
                }
            }
        }
    }

    /** Eight codes of a group of 16, from its element {@code i}. */
    private static long ofGroup(DType format, MemorySegment source, long block, int group, int i) {
        int shift = group % 8 / 2 * 2;
        long halves = group % 2 * 16 + i;
        return switch (format) {
            case Q2_K -> source.get(LONG, block + 16 + group / 8 * 32 + halves) >>> shift & 3 * EACH;
            case Q3_K -> source.get(LONG, block + 32 + group / 8 * 32 + halves) >>> shift & 3 * EACH
                | (source.get(LONG, block + halves) >>> group / 2 & EACH) << 2;
            default -> source.get(LONG, block + 44 + group / 4 * 16 + i) >>> group % 4 * 2 & 3 * EACH
                | (source.get(LONG, block + 12 + group / 8 * 16 + i) >>> group % 8 & EACH) << 2;
        };
    }

    private static void fourBits(MemorySegment source, long at, long[] words, int to) {
        for (int i = 0; i < 2; i++) {
            long bytes = source.get(LONG, at + 8 * i);
            words[to + i] = bytes & 15 * EACH;
            words[to + 2 + i] = bytes >>> 4 & 15 * EACH;
        }
    }

    private static void fiveBits(MemorySegment source, long at, int fifth, long[] words) {
        fourBits(source, at, words, 0);
        for (int i = 0; i < 4; i++) {
            words[i] |= Long.expand(fifth >>> 8 * i & 255, 16 * EACH);
        }
    }

    /** The number that a code stands for. */
    static int decode(DType format, MemorySegment bytes, long block, int column, int lane) {
        int pair = column / 2;
        long at = block + lane * 2L + column % 2;
        int bits = bits(format);
        int code = bits >= 4 ? bytes.get(ValueLayout.JAVA_BYTE, at + pair / 2 * (long) VECTOR) >> pair % 2 * 4 & 15
            : bytes.get(ValueLayout.JAVA_BYTE, at + pair / 4 * (long) VECTOR) >> pair % 4 * 2 & 3;
        if (bits % 2 == 1) {
            int vectors = bits > 4 ? 8 : 4;
            code |= (bytes.get(ValueLayout.JAVA_BYTE, at + (vectors + pair / 8) * (long) VECTOR) >> pair % 8 & 1) << bits - 1;
        }
        return switch (format) {
            case Q5_0 -> code - 16;
            case Q3_K -> code - 4;
            case IQ4_NL, IQ4_XS -> NON_LINEAR[code];
            case MXFP4 -> E2M1[code];
            case IQ2_LEVELS -> LEVELS[code];
            default -> code;
        };
    }

    // --- to bytes ------------------------------------------------------------------------------------------------------

    /** Makes bytes of so many blocks from {@code at}, see {@link PackedBytes}. */
    static void expand(DType format, MemorySegment source, long at, int blocks, MemorySegment target) {
        switch (format) {
            case Q5_0 -> five(source, at, blocks, LESS_16, target);
            case Q5_1, Q5_K -> five(source, at, blocks, LESS_0, target);
            case Q2_K -> two(source, at, blocks, LESS_0, target);
            case Q3_K -> three(source, at, blocks, LESS_4, target);
            case IQ2_LEVELS -> {
                three(source, at, blocks, NOTHING, target);
                look(target, blocks, LEVELS_LOOKUP);
            }
            case MXFP4 -> four(source, at, blocks, E2M1_LOOKUP, target);
            default -> four(source, at, blocks, NON_LINEAR_LOOKUP, target);
        }
    }

    private static void four(MemorySegment source, long from, int blocks, ByteVector table, MemorySegment target) {
        long to = 0;
        for (long at = from; at < from + blocks * (PAIRS / 2L * VECTOR); at += VECTOR, to += 2 * VECTOR) {
            for (int f = 0; f < VECTOR; f += LOOKS.length()) {
                ByteVector two = ByteVector.fromMemorySegment(LOOKS, source, at + f, ORDER);
                two.and((byte) 15).selectFrom(table).add(MIDDLES).intoMemorySegment(target, to + f, ORDER);
                two.reinterpretAsShorts().lanewise(VectorOperators.LSHR, 4).reinterpretAsBytes().and((byte) 15).selectFrom(table).add(MIDDLES)
                    .intoMemorySegment(target, to + VECTOR + f, ORDER);
            }
        }
    }

    private static void look(MemorySegment bytes, int blocks, ByteVector table) {
        for (long at = 0; at < blocks * (long) PAIRS * VECTOR; at += LOOKS.length()) {
            ByteVector.fromMemorySegment(LOOKS, bytes, at, ORDER).selectFrom(table).add(MIDDLES).intoMemorySegment(bytes, at, ORDER);
        }
    }

    private static void five(MemorySegment source, long from, int blocks, ByteVector offsets, MemorySegment target) {
        for (int b = 0; b < blocks; b++) {
            for (int i = 0; i < PAIRS / 2; i++) {
                long at = from + (b * 10L + i) * VECTOR;
                long high = from + (b * 10L + 8 + i / 4) * VECTOR;
                long to = (b * (long) PAIRS + 2 * i) * VECTOR;
                for (int f = 0; f < VECTOR; f += WIDE_B.length()) {
                    ShortVector two = ByteVector.fromMemorySegment(WIDE_B, source, at + f, ORDER).reinterpretAsShorts();
                    ShortVector tops = ByteVector.fromMemorySegment(WIDE_B, source, high + f, ORDER).reinterpretAsShorts().lanewise(VectorOperators.LSHR, i % 4 * 2);
                    put(two.and((short) 0x0f0f).or(tops.and((short) 0x0101).lanewise(VectorOperators.LSHL, 4)), offsets, target, to + f);
                    put(two.lanewise(VectorOperators.LSHR, 4).and((short) 0x0f0f).or(tops.and((short) 0x0202).lanewise(VectorOperators.LSHL, 3)), offsets, target,
                        to + VECTOR + f);
                }
            }
        }
    }

    private static void two(MemorySegment source, long from, int blocks, ByteVector offsets, MemorySegment target) {
        long to = 0;
        for (long at = from; at < from + blocks * (PAIRS / 4L * VECTOR); at += VECTOR, to += 4 * VECTOR) {
            for (int f = 0; f < VECTOR; f += WIDE_B.length()) {
                ShortVector four = ByteVector.fromMemorySegment(WIDE_B, source, at + f, ORDER).reinterpretAsShorts();
                put(four.and((short) 0x0303), offsets, target, to + f);
                put(four.lanewise(VectorOperators.LSHR, 2).and((short) 0x0303), offsets, target, to + VECTOR + f);
                put(four.lanewise(VectorOperators.LSHR, 4).and((short) 0x0303), offsets, target, to + 2 * VECTOR + f);
                put(four.lanewise(VectorOperators.LSHR, 6).and((short) 0x0303), offsets, target, to + 3 * VECTOR + f);
            }
        }
    }

    private static void three(MemorySegment source, long from, int blocks, ByteVector offsets, MemorySegment target) {
        for (int b = 0; b < blocks; b++) {
            for (int pair = 0; pair < PAIRS; pair++) {
                long at = from + (b * 6L + pair / 4) * VECTOR;
                long high = from + (b * 6L + 4 + pair / 8) * VECTOR;
                for (int f = 0; f < VECTOR; f += WIDE_B.length()) {
                    ShortVector low = ByteVector.fromMemorySegment(WIDE_B, source, at + f, ORDER).reinterpretAsShorts();
                    ShortVector tops = ByteVector.fromMemorySegment(WIDE_B, source, high + f, ORDER).reinterpretAsShorts();
                    put(low.lanewise(VectorOperators.LSHR, pair % 4 * 2).and((short) 0x0303)
                        .or(tops.lanewise(VectorOperators.LSHR, pair % 8).and((short) 0x0101).lanewise(VectorOperators.LSHL, 2)), offsets, target,
                        (b * (long) PAIRS + pair) * VECTOR + f);
                }
            }
        }
    }

    private static void put(ShortVector codes, ByteVector offsets, MemorySegment target, long to) {
        codes.reinterpretAsBytes().add(offsets).intoMemorySegment(target, to, ORDER);
    }
}
