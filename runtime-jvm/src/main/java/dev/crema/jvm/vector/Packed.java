package dev.crema.jvm.vector;

import dev.crema.tensor.DType;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of repacked weights: 32 rows stand side by side, so that a vector holds what different rows have in the same columns, and no sum
 * runs across lanes. Rows are grouped by 32, the last group filled up with zeros. A group is, for each {@link #CHUNK} columns and what is left,
 * one after the other, so that it is read from its beginning to its end,
 *
 * <ul>
 * <li>their scales, see {@link PackedScales};
 * <li>their quants: of Q4_0, Q4_1 and Q4_K for each 4 columns {@code u16 [32 rows]}, the first column in the lowest four bits; of others see
 * {@link PackedBytes} and {@link PackedCodes}.
 * </ul>
 */
final class Packed {
    static final int ROWS = 32;
    static final int BLOCK = 32;
    static final int SUPER_BLOCK = 256;
    /** Columns whose scales and quants stand together; their scales as floats are 4 KiB. */
    static final int CHUNK = 1024;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(Lanes.ORDER);
    private static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;

    private Packed() { }

    /** Whether there is such a layout of the format: of all that have blocks. */
    static boolean supports(DType format) {
        return isNibbles(format) || format == DType.Q8_0 || format == DType.Q6_K || PackedCodes.supports(format);
    }

    /** Whether quants meet x as they are, four bits each. Others become bytes before. */
    static boolean isNibbles(DType format) {
        return format == DType.Q4_0 || format == DType.Q4_1 || format == DType.Q4_K;
    }

    static int groups(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** Bytes of a group's quants for so many columns. */
    static long quantBytes(DType format, int columns) {
        return columns * (long) (format == DType.Q8_0 || format == DType.Q6_K ? 8 : PackedCodes.bits(format)) * ROWS / 8;
    }

    static long groupBytes(DType format, int columns) {
        return PackedScales.bytes(format, columns) + quantBytes(format, columns);
    }

    /** Where in a group the scales of a column begin, the first of its block or super-block. */
    static long scalesAt(DType format, int column) {
        int chunk = column / CHUNK * CHUNK;
        return groupBytes(format, chunk) + PackedScales.bytes(format, column - chunk);
    }

    /** Where in a group of so many columns the quants of a column begin, the first of its block. */
    static long quantsAt(DType format, int columns, int column) {
        int chunk = column / CHUNK * CHUNK;
        return groupBytes(format, chunk) + PackedScales.bytes(format, Math.min(CHUNK, columns - chunk)) + quantBytes(format, column - chunk);
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
        PackedScales.put(format, source, from, count, target, group + scalesAt(format, first) + lane * 2L);
        long quants = group + quantsAt(format, columns, first) + lane * 2L;
        switch (format) {
            case Q4_K -> putSuperBlocks(source, from, count, target, quants);
            case Q4_0, Q4_1 -> putBlocks(format, source, from, count, target, quants);
            case Q6_K -> PackedBytes.putSuperBlocks(source, from, count, target, quants);
            case Q8_0 -> PackedBytes.putBlocks(source, from, count, target, quants);
            default -> PackedCodes.put(format, source, from, count, target, quants);
        }
    }

    private static void putBlocks(DType format, MemorySegment source, long from, int count, MemorySegment target, long quants) {
        long bytes = from + format.blockBytes() - 16;
        for (int column = 0; column < count; column += BLOCK, bytes += format.blockBytes(), quants += quantBytes(format, BLOCK)) {
            for (int half = 0; half < 2; half++) {
                long eight = source.get(LONG, bytes + half * 8);
                putQuants(eight & NIBBLES, target, quants + half * 4L * ROWS);
                putQuants(eight >>> 4 & NIBBLES, target, quants + (8 + half * 4L) * ROWS);
            }
        }
    }

    private static void putSuperBlocks(MemorySegment source, long from, int count, MemorySegment target, long quants) {
        for (int column = 0; column < count; column += SUPER_BLOCK, from += 144) {
            for (int pair = 0; pair < 4; pair++, quants += quantBytes(DType.Q4_K, 2 * BLOCK)) {
                for (int half = 0; half < 4; half++) {
                    long bytes = source.get(LONG, from + 16 + pair * 32 + half * 8);
                    putQuants(bytes & NIBBLES, target, quants + half * 4L * ROWS);
                    putQuants(bytes >>> 4 & NIBBLES, target, quants + (16 + half * 4L) * ROWS);
                }
            }
        }
    }

    /** Eight columns, a byte each. */
    private static void putQuants(long bytes, MemorySegment target, long to) {
        long nibbles = Long.compress(bytes, NIBBLES);
        target.set(SHORT, to, (short) nibbles);
        target.set(SHORT, to + 2L * ROWS, (short) (nibbles >> 16));
    }

    /** Decodes {@code count} elements of a row from {@code column}, exactly as {@code dev.crema.quant} defines them. */
    static void decode(Matrix weight, int row, int column, int count, float[] target, int at) {
        DType format = weight.format();
        MemorySegment bytes = weight.bytes();
        int lane = row % ROWS;
        long group = row / ROWS * weight.groupBytes();
        for (int i = 0; i < count; i++) {
            int k = column + i;
            int inBlock = k % format.blockSize();
            long scales = group + scalesAt(format, k - inBlock) + lane * 2L;
            long quants = group + quantsAt(format, weight.columns(), k / BLOCK * BLOCK);
            int quant = quant(format, bytes, quants, k % BLOCK, lane);
            target[at + i] = quant * PackedScales.scale(format, bytes, scales, inBlock) + PackedScales.min(format, bytes, scales, inBlock);
        }
    }

    /** Of a column of the block that begins at {@code block}, less the middle. */
    private static int quant(DType format, MemorySegment bytes, long block, int column, int lane) {
        return switch (format) {
            case Q4_0 -> nibble(bytes, block, column, lane) - 8;
            case Q4_1, Q4_K -> nibble(bytes, block, column, lane);
            case Q8_0, Q6_K -> PackedBytes.quant(bytes, block, column, lane);
            default -> PackedCodes.decode(format, bytes, block, column, lane);
        };
    }

    private static int nibble(MemorySegment bytes, long block, int column, int lane) {
        return bytes.get(SHORT, block + (column / 4 * ROWS + lane) * 2L) >> column % 4 * 4 & 15;
    }
}
