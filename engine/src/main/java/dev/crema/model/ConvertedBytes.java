package dev.crema.model;

import dev.crema.device.Bytes;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

/** A tensor in another form than it has in the file: made when it is first read, and let go when its end has been read. */
final class ConvertedBytes implements Bytes {
    /** From the file's bytes to those of the other form. */
    interface Conversion {
        byte[] of(byte[] source);
    }

    private final Bytes source;
    private final long length;
    private final Conversion conversion;
    private byte[] converted;

    ConvertedBytes(Bytes source, long length, Conversion conversion) {
        this.source = source;
        this.length = length;
        this.conversion = conversion;
    }

    /** {@code w + addend} in F32. */
    static ConvertedBytes plus(float addend, DType dtype, int elements, Bytes source) {
        return new ConvertedBytes(source, DType.F32.bytes(elements), bytes -> {
            float[] values = new float[elements];
            Quant.dequantize(dtype, bytes, 0, values, 0, elements);
            for (int i = 0; i < elements; i++) {
                values[i] += addend;
            }
            byte[] sums = new byte[(int) DType.F32.bytes(elements)];
            Quant.quantize(DType.F32, values, 0, sums, 0, elements);
            return sums;
        });
    }

    /** The transpose of a matrix [rows, columns] whose elements have {@code elementBytes}. */
    static ConvertedBytes transposed(int rows, int columns, int elementBytes, Bytes source) {
        return new ConvertedBytes(source, source.length(), bytes -> {
            byte[] turned = new byte[bytes.length];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    System.arraycopy(bytes, (row * columns + column) * elementBytes, turned, (column * rows + row) * elementBytes, elementBytes);
                }
            }
            return turned;
        });
    }

    /** Matrices [rows, columns] one after the other, each transposed, in {@code to}: F32, F16 or BF16. */
    static ConvertedBytes headsTurned(int heads, int rows, int columns, DType from, DType to, Bytes source) {
        int size = Math.multiplyExact(rows, columns);
        long bytesOfAll = to.bytes((long) heads * size);
        return new ConvertedBytes(source, bytesOfAll, bytes -> {
            byte[] all = new byte[Math.toIntExact(bytesOfAll)];
            float[] values = new float[size];
            float[] turned = new float[size];
            for (int head = 0; head < heads; head++) {
                Quant.dequantize(from, bytes, (int) from.bytes((long) head * size), values, 0, size);
                for (int i = 0; i < size; i++) {
                    turned[i % columns * rows + i / columns] = values[i];
                }
                Quant.quantize(to, turned, 0, all, (int) to.bytes((long) head * size), size);
            }
            return all;
        });
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public Bytes slice(long offset, long count) {
        check(offset, count);
        return offset == 0 && count == length ? this : new Slice(this, offset, count);
    }

    @Override
    public void awaitRead(long position, byte[] target, int offset, int count) {
        check(position, count);
        if (converted == null) {
            byte[] bytes = new byte[(int) source.length()];
            source.awaitRead(0, bytes, 0, bytes.length);
            converted = conversion.of(bytes);
        }
        System.arraycopy(converted, (int) position, target, offset, count);
        if (position + count == length) {
            converted = null;
        }
    }

    private void check(long from, long count) {
        if (from < 0 || count < 0 || from > length || count > length - from) {
            throw new IndexOutOfBoundsException(count + " bytes from " + from + " of " + length);
        }
    }

    private record Slice(Bytes whole, long offset, long length) implements Bytes {
        @Override
        public Bytes slice(long from, long count) {
            if (from < 0 || count < 0 || from > length || count > length - from) {
                throw new IndexOutOfBoundsException(count + " bytes from " + from + " of " + length);
            }
            return new Slice(whole, offset + from, count);
        }

        @Override
        public void awaitRead(long position, byte[] target, int at, int count) {
            slice(position, count);
            whole.awaitRead(offset + position, target, at, count);
        }
    }
}
