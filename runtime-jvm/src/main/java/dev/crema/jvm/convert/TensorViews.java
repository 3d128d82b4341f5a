package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Bytes;
import dev.crema.device.JoinedBytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongUnaryOperator;

/** Tensors made of others while they are read: in another order of rows, several as one, a part, the transpose. */
final class TensorViews {
    private TensorViews() { }

    /** The same bytes in another shape of as many elements. */
    static TensorEntry shaped(TensorEntry from, int... shape) {
        return new TensorEntry(from.name(), from.dtype(), Shape.of(shape), from.bytes());
    }

    /** Rows in another order: {@code sourceRow} says which row of {@code from} becomes the one that it is given. */
    static TensorEntry reordered(TensorEntry from, LongUnaryOperator sourceRow) {
        long rows = from.shape().extent(0);
        long rowBytes = rows == 0 ? 0 : from.bytes().length() / rows;
        return new TensorEntry(from.name(), from.dtype(), from.shape(), new Reordered(from.bytes(), rowBytes, sourceRow, 0, from.bytes().length()));
    }

    /** All rows from row {@code first} on. */
    static TensorEntry rowsFrom(TensorEntry from, int first) {
        int rows = from.shape().extent(0);
        if (first >= rows) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Tensor " + from.name() + " " + from.shape() + " has no rows after the first " + first + ".", "");
        }
        long rowBytes = from.bytes().length() / rows;
        int[] shape = extents(from.shape());
        shape[0] -= first;
        return new TensorEntry(from.name(), from.dtype(), Shape.of(shape), from.bytes().slice(first * rowBytes, (rows - first) * rowBytes));
    }

    /** Tensors of one shape and format as one, with a new slowest dimension. */
    static TensorEntry stacked(List<TensorEntry> parts) {
        TensorEntry first = parts.getFirst();
        List<Bytes> bytes = new ArrayList<>();
        for (TensorEntry part : parts) {
            if (part.dtype() != first.dtype() || !part.shape().equals(first.shape())) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Tensor " + part.name() + " is " + part.dtype() + part.shape() + ", and " + first.name() + " "
                    + first.dtype() + first.shape() + ".", "All experts of a layer must have one shape and format.");
            }
            bytes.add(part.bytes());
        }
        int[] one = extents(first.shape());
        int[] shape = new int[one.length + 1];
        shape[0] = parts.size();
        System.arraycopy(one, 0, shape, 1, one.length);
        return new TensorEntry(first.name(), first.dtype(), Shape.of(shape), JoinedBytes.of(bytes));
    }

    /** Of each matrix of a stack [experts, rows, in] the first half of the rows, or the second ({@code half} 1). */
    static TensorEntry half(TensorEntry from, int half) {
        int[] shape = extents(from.shape());
        if (shape.length != 3 || shape[1] % 2 != 0) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Tensor " + from.name() + " is " + from.shape() + ", expected a stack of matrices of an even number of rows.", "");
        }
        long halfBytes = from.bytes().length() / shape[0] / 2;
        List<Bytes> bytes = new ArrayList<>();
        for (int expert = 0; expert < shape[0]; expert++) {
            bytes.add(from.bytes().slice((2L * expert + half) * halfBytes, halfBytes));
        }
        shape[1] /= 2;
        return new TensorEntry(from.name(), from.dtype(), Shape.of(shape), JoinedBytes.of(bytes));
    }

    /** A matrix [in, out] as [out, in]; it is in memory while it is read. */
    static TensorEntry transposed(TensorEntry from) {
        if (from.dtype().blockSize() > 1) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Tensor " + from.name() + " is " + from.dtype() + " and would have to be transposed.",
                "Take the model in F32, F16 or BF16.");
        }
        int rows = from.shape().extent(0);
        int columns = from.shape().last();
        return new TensorEntry(from.name(), from.dtype(), Shape.of(columns, rows), new Transposed(from.bytes(), from.dtype(), rows, columns));
    }

    private static int[] extents(Shape shape) {
        int[] extents = new int[shape.rank()];
        for (int i = 0; i < extents.length; i++) {
            extents[i] = shape.extent(i);
        }
        return extents;
    }

    private record Reordered(Bytes source, long rowBytes, LongUnaryOperator sourceRow, long start, long length) implements Bytes {
        @Override
        public Bytes slice(long offset, long count) {
            Objects.checkFromIndexSize(offset, count, length);
            return new Reordered(source, rowBytes, sourceRow, start + offset, count);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int count) {
            Objects.checkFromIndexSize(position, (long) count, length);
            for (int done = 0; done < count;) {
                long at = start + position + done;
                long row = at / rowBytes;
                long from = sourceRow.applyAsLong(row) * rowBytes + at % rowBytes;
                long run = rowBytes - at % rowBytes;
                // Rows that stay neighbours are read at once.
                while (run < count - done && sourceRow.applyAsLong(row + 1) == sourceRow.applyAsLong(row) + 1) {
                    run += rowBytes;
                    row++;
                }
                int bytes = (int) Math.min(run, count - done);
                source.awaitRead(from, target, offset + done, bytes);
                done += bytes;
            }
        }
    }

    private static final class Transposed implements Bytes {
        private final Bytes source;
        private final DType dtype;
        private final int rows;
        private final int columns;
        private byte[] turned;

        Transposed(Bytes source, DType dtype, int rows, int columns) {
            this.source = source;
            this.dtype = dtype;
            this.rows = rows;
            this.columns = columns;
        }

        @Override
        public long length() {
            return source.length();
        }

        @Override
        public Bytes slice(long offset, long count) {
            byte[] bytes = new byte[Math.toIntExact(count)];
            awaitRead(offset, bytes, 0, bytes.length);
            return new ArrayBytes(bytes);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int count) {
            Objects.checkFromIndexSize(position, (long) count, length());
            byte[] whole = turned == null ? awaitTurned() : turned;
            System.arraycopy(whole, (int) position, target, offset, count);
            turned = position + count == length() ? null : whole;
        }

        private byte[] awaitTurned() {
            int size = dtype.blockBytes();
            byte[] bytes = new byte[Math.toIntExact(source.length())];
            source.awaitRead(0, bytes, 0, bytes.length);
            byte[] result = new byte[bytes.length];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    System.arraycopy(bytes, (row * columns + column) * size, result, (column * rows + row) * size, size);
                }
            }
            return result;
        }
    }
}
