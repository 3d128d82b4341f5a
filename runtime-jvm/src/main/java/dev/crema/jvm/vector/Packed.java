package dev.crema.jvm.vector;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The layout of repacked weights: 32 rows stand side by side, so that a vector holds what different rows have in the same columns, and no sum
 * runs across lanes. Rows are grouped by 32, the last group filled up with zeros. A group is, one after the other,
 *
 * <ul>
 * <li>its scales: of Q4_0 for each block of 32 columns {@code f16 d[32 rows]}; of Q4_1 {@code f16 d[32], m[32]}; of Q4_K for each 256 columns
 * {@code f16 d[32], dmin[32]} and for each 32 of them {@code u8 [32][scale, min]};
 * <li>its quants: for each 4 columns {@code u16 [32 rows]}, the first column in the lowest four bits.
 * </ul>
 *
 * Of Q6_K see {@link PackedBytes}.
 */
final class Packed {
    static final int ROWS = 32;
    static final int BLOCK = 32;
    /** Of one block of columns: 8 times 32 shorts. */
    static final int QUANT_BYTES = BLOCK / 4 * ROWS * 2;
    static final int SUPER_BLOCK = 256;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(Lanes.ORDER);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(Lanes.ORDER);
    private static final long NIBBLES = 0x0f0f0f0f0f0f0f0fL;

    private Packed() { }

    /** Whether there is such a layout of the format. */
    static boolean supports(DType format) {
        return switch (format) {
            case Q4_0, Q4_1, Q4_K, Q6_K -> true;
            default -> false;
        };
    }

    static int groups(int rows) {
        return (rows + ROWS - 1) / ROWS;
    }

    /** Bytes of a group's scales for so many columns: where those that follow begin. */
    static long scaleBytes(DType format, int columns) {
        return switch (format) {
            case Q4_0 -> columns / BLOCK * 2L * ROWS;
            case Q4_1 -> columns / BLOCK * 4L * ROWS;
            case Q4_K -> columns / SUPER_BLOCK * (4L + 16) * ROWS;
            case Q6_K -> columns / SUPER_BLOCK * (long) PackedBytes.SCALE_BYTES;
            default -> throw new IllegalArgumentException("no packed layout of " + format);
        };
    }

    static long groupBytes(DType format, int columns) {
        return scaleBytes(format, columns) + columns / BLOCK * (long) (format == DType.Q6_K ? PackedBytes.QUANT_BYTES : QUANT_BYTES);
    }

    static long bytes(DType format, int rows, int columns) {
        return groups(rows) * groupBytes(format, columns);
    }

    /** Packs one row into its lane of a group that begins at {@code group}; {@code source} holds the row's blocks. */
    static void put(DType format, MemorySegment source, long from, int columns, MemorySegment target, long group, int lane) {
        long quants = group + scaleBytes(format, columns);
        if (format == DType.Q6_K) {
            PackedBytes.put(source, from, columns, target, group, lane);
            return;
        }
        if (format == DType.Q4_K) {
            for (int column = 0; column < columns; column += SUPER_BLOCK, from += 144) {
                putSuperBlock(source, from, target, group + scaleBytes(format, column), lane);
                for (int pair = 0; pair < 4; pair++) {
                    long to = quants + (column / BLOCK + 2 * pair) * (long) QUANT_BYTES;
                    for (int half = 0; half < 4; half++) {
                        long bytes = source.get(LONG, from + 16 + pair * 32 + half * 8);
                        putQuants(bytes & NIBBLES, target, to + half * 4L * ROWS, lane);
                        putQuants(bytes >>> 4 & NIBBLES, target, to + QUANT_BYTES + half * 4L * ROWS, lane);
                    }
                }
            }
            return;
        }
        int header = format.blockBytes() - 16;
        for (int column = 0; column < columns; column += BLOCK, from += format.blockBytes()) {
            long scales = group + scaleBytes(format, column) + lane * 2L;
            for (int i = 0; i < header; i += 2) {
                target.set(SHORT, scales + i * ROWS, source.get(SHORT, from + i));
            }
            long to = quants + column / BLOCK * (long) QUANT_BYTES;
            for (int half = 0; half < 2; half++) {
                long bytes = source.get(LONG, from + header + half * 8);
                putQuants(bytes & NIBBLES, target, to + half * 4L * ROWS, lane);
                putQuants(bytes >>> 4 & NIBBLES, target, to + QUANT_BYTES / 2 + half * 4L * ROWS, lane);
            }
        }
    }

    /** Eight columns, a byte each. */
    private static void putQuants(long bytes, MemorySegment target, long to, int lane) {
        long nibbles = Long.compress(bytes, NIBBLES);
        target.set(SHORT, to + lane * 2L, (short) nibbles);
        target.set(SHORT, to + 2L * ROWS + lane * 2L, (short) (nibbles >> 16));
    }

    private static void putSuperBlock(MemorySegment source, long from, MemorySegment target, long to, int lane) {
        target.set(SHORT, to + lane * 2L, source.get(SHORT, from));
        target.set(SHORT, to + 2L * ROWS + lane * 2L, source.get(SHORT, from + 2));
        for (int block = 0; block < 8; block++) {
            long scales = to + 4L * ROWS + (block * ROWS + lane) * 2L;
            target.set(ValueLayout.JAVA_BYTE, scales, (byte) SuperBlocks.scale(source, from + 4, block));
            target.set(ValueLayout.JAVA_BYTE, scales + 1, (byte) SuperBlocks.min(source, from + 4, block));
        }
    }

    /** Decodes {@code count} elements of a row from {@code column}, both whole blocks, exactly as {@code dev.crema.quant} defines them. */
    static void decode(Matrix weight, int row, int column, int count, float[] target, int at) {
        if (weight.format() == DType.Q6_K) {
            PackedBytes.decode(weight, row, column, count, target, at);
            return;
        }
        MemorySegment bytes = weight.bytes();
        int lane = row % ROWS;
        long group = row / ROWS * weight.groupBytes();
        for (int i = 0; i < count; i += BLOCK) {
            long block = group + scaleBytes(weight.format(), weight.columns()) + (column + i) / BLOCK * (long) QUANT_BYTES + lane * 2L;
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
            return half(weight.bytes(), group + scaleBytes(weight.format(), column) + lane * 2L);
        }
        long superBlock = group + scaleBytes(DType.Q4_K, column);
        long scales = superBlock + 4L * ROWS + (column % SUPER_BLOCK / BLOCK * ROWS + lane) * 2L;
        return half(weight.bytes(), superBlock + lane * 2L) * weight.bytes().get(ValueLayout.JAVA_BYTE, scales);
    }

    private static float min(Matrix weight, long group, int column, int lane) {
        return switch (weight.format()) {
            case Q4_1 -> half(weight.bytes(), group + scaleBytes(DType.Q4_1, column) + 2L * ROWS + lane * 2L);
            case Q4_K -> {
                long superBlock = group + scaleBytes(DType.Q4_K, column);
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
