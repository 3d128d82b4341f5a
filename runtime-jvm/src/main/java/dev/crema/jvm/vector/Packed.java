package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of repacked weights: 32 rows stand side by side, so that a vector holds what different rows have in the same columns, and no sum
 * runs across lanes. Rows are grouped by 32, the last group filled up with zeros. A group is, for each {@link #CHUNK} columns and what is left,
 * one after the other, so that it is read from its beginning to its end,
 *
 * <ul>
 * <li>their scales: of Q4_0 for each block of 32 columns {@code f16 d[32 rows]}; of Q4_1 {@code f16 d[32], m[32]}; of Q4_K for each 256 columns
 * {@code f16 d[32], dmin[32]} and for each 32 of them {@code u8 [32][scale, min]};
 * <li>their quants: for each 4 columns {@code u16 [32 rows]}, the first column in the lowest four bits.
 * </ul>
 *
 * Of Q6_K and Q8_0 see {@link PackedBytes}.
 */
final class Packed {
    static final int ROWS = 32;
    static final int BLOCK = 32;
    /** Of one block of columns: 8 times 32 shorts. */
    static final int QUANT_BYTES = BLOCK / 4 * ROWS * 2;
    static final int SUPER_BLOCK = 256;
    /** Columns whose scales and quants stand together; their scales as floats are 4 KiB. */
    static final int CHUNK = 1024;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(Lanes.ORDER);
    private static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;

    private Packed() { }

    /** Whether there is such a layout of the format. */
    static boolean supports(DType format) {
        return switch (format) {
            case Q4_0, Q4_1, Q8_0, Q4_K, Q6_K -> true;
            default -> false;
        };
    }

    /** Whether its quants are bytes and not four bits. */
    static boolean areBytes(DType format) {
        return format == DType.Q6_K || format == DType.Q8_0;
    }

    static int groups(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** Bytes of a group's scales for so many columns. */
    static long scaleBytes(DType format, int columns) {
        return switch (format) {
            case Q4_0, Q8_0 -> columns / BLOCK * 2L * ROWS;
            case Q4_1 -> columns / BLOCK * 4L * ROWS;
            case Q4_K -> columns / SUPER_BLOCK * (4L + 16) * ROWS;
            case Q6_K -> columns / SUPER_BLOCK * (long) PackedBytes.SCALE_BYTES;
            default -> throw new IllegalArgumentException("no packed layout of " + format);
        };
    }

    private static long quantBytes(DType format, int columns) {
        return columns / BLOCK * (long) (areBytes(format) ? PackedBytes.QUANT_BYTES : QUANT_BYTES);
    }

    static long groupBytes(DType format, int columns) {
        return scaleBytes(format, columns) + quantBytes(format, columns);
    }

    /** Where in a group the scales of a column begin, the first of its block or super-block. */
    static long scalesAt(DType format, int column) {
        int chunk = column / CHUNK * CHUNK;
        return groupBytes(format, chunk) + scaleBytes(format, column - chunk);
    }

    /** Where in a group of so many columns the quants of a column begin, the first of its block. */
    static long quantsAt(DType format, int columns, int column) {
        int chunk = column / CHUNK * CHUNK;
        return groupBytes(format, chunk) + scaleBytes(format, Math.min(CHUNK, columns - chunk)) + quantBytes(format, column - chunk);
    }

    static long bytes(DType format, int rows, int columns) {
        return groups(rows) * groupBytes(format, columns);
    }

    /**
     * Packs columns {@code first .. first+count-1} of a row, whole (super-)blocks of one chunk, into its lane of a group that begins at {@code group};
     * {@code source} holds the row's blocks from {@code row}.
     */
    static void put(DType format, MemorySegment source, long row, int columns, int first, int count, MemorySegment target, long group, int lane) {
        long from = row + format.bytes(first);
        long scales = group + scalesAt(format, first) + lane * 2L;
        long quants = group + quantsAt(format, columns, first);
        switch (format) {
            case Q6_K -> PackedBytes.putSuperBlocks(source, from, count, target, scales, quants + lane * 2L);
            case Q8_0 -> PackedBytes.putBlocks(source, from, count, target, scales, quants + lane * 2L);
            case Q4_K -> putSuperBlocks(source, from, count, target, scales, quants, lane);
            default -> putBlocks(format, source, from, count, target, scales, quants, lane);
        }
    }

    private static void putBlocks(DType format, MemorySegment source, long from, int count, MemorySegment target, long scales, long quants, int lane) {
        int header = format.blockBytes() - 16;
        for (int column = 0; column < count; column += BLOCK, from += format.blockBytes(), scales += header * ROWS, quants += QUANT_BYTES) {
            for (int i = 0; i < header; i += 2) {
                target.set(SHORT, scales + i * ROWS, source.get(SHORT, from + i));
            }
            for (int half = 0; half < 2; half++) {
                long bytes = source.get(LONG, from + header + half * 8);
                putQuants(bytes & NIBBLES, target, quants + half * 4L * ROWS, lane);
                putQuants(bytes >>> 4 & NIBBLES, target, quants + QUANT_BYTES / 2 + half * 4L * ROWS, lane);
            }
        }
    }

    private static void putSuperBlocks(MemorySegment source, long from, int count, MemorySegment target, long scales, long quants, int lane) {
        for (int column = 0; column < count; column += SUPER_BLOCK, from += 144, scales += scaleBytes(DType.Q4_K, SUPER_BLOCK)) {
            putScales(source, from, target, scales);
            for (int pair = 0; pair < 4; pair++, quants += 2 * QUANT_BYTES) {
                for (int half = 0; half < 4; half++) {
                    long bytes = source.get(LONG, from + 16 + pair * 32 + half * 8);
                    putQuants(bytes & NIBBLES, target, quants + half * 4L * ROWS, lane);
                    putQuants(bytes >>> 4 & NIBBLES, target, quants + QUANT_BYTES + half * 4L * ROWS, lane);
                }
            }
        }
    }

    /** Eight columns, a byte each. */
    private static void putQuants(long bytes, MemorySegment target, long to, int lane) {
        long nibbles = Long.compress(bytes, NIBBLES);
        target.set(SHORT, to + lane * 2L, (short) nibbles);
        target.set(SHORT, to + 2L * ROWS + lane * 2L, (short) (nibbles >> 16));
    }

    private static void putScales(MemorySegment source, long from, MemorySegment target, long to) {
        target.set(SHORT, to, source.get(SHORT, from));
        target.set(SHORT, to + 2L * ROWS, source.get(SHORT, from + 2));
        for (int block = 0; block < 8; block++) {
            long scales = to + 4L * ROWS + block * ROWS * 2L;
            target.set(ValueLayout.JAVA_BYTE, scales, (byte) SuperBlocks.scale(source, from + 4, block));
            target.set(ValueLayout.JAVA_BYTE, scales + 1, (byte) SuperBlocks.min(source, from + 4, block));
        }
    }

    /** Decodes {@code count} elements of a row from {@code column}, both whole blocks, exactly as {@code dev.crema.quant} defines them. */
    static void decode(Matrix weight, int row, int column, int count, float[] target, int at) {
        if (areBytes(weight.format())) {
            PackedBytes.decode(weight, row, column, count, target, at);
            return;
        }
        MemorySegment bytes = weight.bytes();
        int lane = row % ROWS;
        long group = row / ROWS * weight.groupBytes();
        for (int i = 0; i < count; i += BLOCK) {
            long block = group + quantsAt(weight.format(), weight.columns(), column + i) + lane * 2L;
            float scale = scale(weight, group, column + i, lane);
            float min = min(weight, group, column + i, lane);
            int middle = weight.format() == DType.Q4_0 ? 8 : 0;
            for (int k = 0; k < BLOCK; k++) {
                int quant = bytes.get(SHORT, block + k / 4 * 2L * ROWS) >> k % 4 * 4 & 15;
                target[at + i + k] = (quant - middle) * scale + min;
            }
        }
    }

    private static float scale(Matrix weight, long group, int column, int lane) {
        if (weight.format() != DType.Q4_K) {
            return half(weight.bytes(), group + scalesAt(weight.format(), column) + lane * 2L);
        }
        long superBlock = group + scalesAt(DType.Q4_K, column / SUPER_BLOCK * SUPER_BLOCK);
        long scales = superBlock + 4L * ROWS + (column % SUPER_BLOCK / BLOCK * ROWS + lane) * 2L;
        return half(weight.bytes(), superBlock + lane * 2L) * weight.bytes().get(ValueLayout.JAVA_BYTE, scales);
    }

    private static float min(Matrix weight, long group, int column, int lane) {
        return switch (weight.format()) {
            case Q4_1 -> half(weight.bytes(), group + scalesAt(DType.Q4_1, column) + 2L * ROWS + lane * 2L);
            case Q4_K -> {
                long superBlock = group + scalesAt(DType.Q4_K, column / SUPER_BLOCK * SUPER_BLOCK);
                long mins = superBlock + 4L * ROWS + (column % SUPER_BLOCK / BLOCK * ROWS + lane) * 2L + 1;
                yield -half(weight.bytes(), superBlock + 2L * ROWS + lane * 2L) * weight.bytes().get(ValueLayout.JAVA_BYTE, mins);
            }
            default -> -0f; // Leaves a zero its sign.
        };
    }

    private static float half(MemorySegment source, long at) {
        return Float16.toFloat(source.get(SHORT, at));
    }
}
