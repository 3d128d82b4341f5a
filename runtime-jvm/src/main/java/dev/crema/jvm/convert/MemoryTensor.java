package dev.crema.jvm.convert;

import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.Bytes;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.Objects;

/** Tensors that are made here instead of read. */
public final class MemoryTensor {
    private MemoryTensor() { }

    /** A vector of F32. */
    static TensorEntry of(String name, float[] values) {
        byte[] bytes = new byte[4 * values.length];
        Quant.quantize(DType.F32, values, 0, bytes, 0, values.length);
        return new TensorEntry(name, DType.F32, Shape.of(values.length), of(bytes));
    }

    /** Bytes of an array. */
    public static Bytes of(byte[] array) {
        return new ArrayBytes(array, 0, array.length);
    }

    private record ArrayBytes(byte[] array, int start, long length) implements Bytes {
        @Override
        public Bytes slice(long offset, long count) {
            Objects.checkFromIndexSize(offset, count, length);
            return new ArrayBytes(array, start + (int) offset, count);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int count) {
            Objects.checkFromIndexSize(position, (long) count, length);
            System.arraycopy(array, start + (int) position, target, offset, count);
        }
    }
}
