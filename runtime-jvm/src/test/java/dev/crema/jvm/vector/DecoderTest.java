package dev.crema.jvm.vector;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import org.junit.jupiter.api.Test;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Decoders against the definition of the formats, to the bit, over all bit patterns that a weight can have. */
class DecoderTest {
    @Test
    void everyFiniteHalf() {
        byte[] bytes = new byte[2 * 65536];
        for (int i = 0; i < 65536; i++) {
            int half = (i & 0x7c00) == 0x7c00 ? 0 : i;
            bytes[2 * i] = (byte) half;
            bytes[2 * i + 1] = (byte) (half >> 8);
        }
        assertDecodes(DType.F16, bytes, 65536);
    }

    @Test
    void randomBytesOfEveryFormat() {
        var random = new Random(3);
        for (DType format : DType.values()) {
            if (Decoder.supports(format) && format != DType.F16) {
                int elements = 256 * 5;
                assertDecodes(format, Blocks.random(format, elements, random), elements);
            }
        }
    }

    /** From every offset within a vector, so that every length of the tail occurs in plain formats. */
    private static void assertDecodes(DType format, byte[] bytes, int elements) {
        float[] expected = new float[elements];
        Quant.dequantize(format, bytes, 0, expected, 0, elements);
        MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        for (int skip = 0; skip < (format.blockSize() == 1 ? 9 : 1); skip++) {
            float[] found = new float[elements];
            System.arraycopy(expected, 0, found, 0, skip);
            Decoder.decode(format, segment, format.bytes(skip), found, skip, elements - skip);
            assertArrayEquals(bits(expected), bits(found), format + " from element " + skip);
        }
    }

    @Test
    void productsOfSuperBlocks() {
        var random = new Random(5);
        for (DType format : new DType[] {DType.Q4_K, DType.Q5_K}) {
            for (int n = 256; n <= 1024; n += 256) {
                byte[] bytes = Blocks.random(format, n, random);
                float[] weights = new float[n];
                Quant.dequantize(format, bytes, 0, weights, 0, n);
                float[] x = new float[n + 1];
                MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
                MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
                double expected = 0;
                double squares = 0;
                for (int i = 0; i < n; i++) {
                    x[i + 1] = random.nextFloat() - 0.5f;
                    expected += (double) weights[i] * x[i + 1];
                    squares += (double) weights[i] * weights[i];
                }
                assertEquals(expected, Dot.dot(format, segment, 0, x, 1, n), 1e-5 * Math.sqrt(squares), format + " of " + n);
            }
        }
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToIntBits(values[i]);
        }
        return bits;
    }

    @Test
    void productsOfAllLengths() {
        var random = new Random(4);
        for (DType format : new DType[] {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0}) {
            for (int n = format.blockSize(); n < 200; n += format.blockSize()) {
                float[] weights = new float[n];
                float[] x = new float[n + 1];
                for (int i = 0; i < n; i++) {
                    weights[i] = random.nextFloat() - 0.5f;
                    x[i + 1] = random.nextFloat() - 0.5f;
                }
                byte[] bytes = new byte[(int) format.bytes(n)];
                Quant.quantize(format, weights, 0, bytes, 0, n);
                Quant.dequantize(format, bytes, 0, weights, 0, n);
                MemorySegment segment = Arena.ofAuto().allocate(bytes.length);
                MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
                double expected = 0;
                for (int i = 0; i < n; i++) {
                    expected += (double) weights[i] * x[i + 1];
                }
                assertEquals(expected, Dot.dot(format, segment, 0, x, 1, n), 1e-5, format + " of " + n);
            }
        }
    }
}
