package dev.crema.checkpoint;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

/**
 * Writes rows whose elements are {@code (q - zero) * scale}, with one scale and zero for a group of neighbours, as Q4_0, Q4_1, Q8_0 or F16. The quants
 * stay as they are; scales and {@code -zero * scale} become f16, which rounds no more than writing the elements as F16 would.
 */
final class RowEncoder {
    /** One row as a packed format has it. */
    interface RowSource {
        /** Fills in {@code columns} quants from 0, and scale and zero of each group. */
        void row(int row, int[] quants, float[] scales, float[] zeros);
    }

    private static final int BLOCK = 32;

    private final DType dtype;
    private final int rows;
    private final int columns;
    private final int group;

    /** {@code group} is a multiple of 32 unless {@code dtype} is F16. */
    RowEncoder(DType dtype, int rows, int columns, int group) {
        this.dtype = dtype;
        this.rows = rows;
        this.columns = columns;
        this.group = group;
    }

    /** The format that takes quants of {@code bits} bits, with the zero in the middle or anywhere. */
    static DType fitting(int bits, boolean middleZero, int columns, int group) {
        if (group % BLOCK != 0 || columns % BLOCK != 0) {
            return DType.F16;
        }
        return bits <= 4 ? middleZero && bits == 4 ? DType.Q4_0 : DType.Q4_1 : bits == 8 && middleZero ? DType.Q8_0 : DType.F16;
    }

    byte[] encode(RowSource source) {
        int rowBytes = (int) dtype.bytes(columns);
        byte[] bytes = new byte[rowBytes * rows];
        int[] quants = new int[columns];
        int groups = (columns + group - 1) / group;
        float[] scales = new float[groups];
        float[] zeros = new float[groups];
        float[] values = dtype == DType.F16 ? new float[columns] : null;
        for (int row = 0; row < rows; row++) {
            source.row(row, quants, scales, zeros);
            if (dtype == DType.F16) {
                for (int i = 0; i < columns; i++) {
                    values[i] = (quants[i] - zeros[i / group]) * scales[i / group];
                }
                Quant.quantize(DType.F16, values, 0, bytes, row * rowBytes, columns);
            } else {
                for (int i = 0; i < columns; i += BLOCK) {
                    block(quants, i, scales[i / group], zeros[i / group], bytes, row * rowBytes + i / BLOCK * dtype.blockBytes());
                }
            }
        }
        return bytes;
    }

    private void block(int[] quants, int from, float scale, float zero, byte[] bytes, int at) {
        put16(bytes, at, scale);
        if (dtype == DType.Q8_0) {
            for (int i = 0; i < BLOCK; i++) {
                bytes[at + 2 + i] = (byte) (quants[from + i] - (int) zero);
            }
            return;
        }
        int shift = dtype == DType.Q4_0 ? 8 - (int) zero : 0;
        if (dtype == DType.Q4_1) {
            put16(bytes, at + 2, -zero * scale);
        }
        int nibbles = at + dtype.blockBytes() - BLOCK / 2;
        for (int i = 0; i < BLOCK / 2; i++) {
            bytes[nibbles + i] = (byte) (quants[from + i] + shift & 15 | (quants[from + BLOCK / 2 + i] + shift & 15) << 4);
        }
    }

    private static void put16(byte[] bytes, int at, float value) {
        int half = Float16.fromFloat(value);
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }
}
