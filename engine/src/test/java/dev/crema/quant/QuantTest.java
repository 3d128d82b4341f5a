package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import org.junit.jupiter.api.Test;

import java.util.HexFormat;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class QuantTest {
    private static final DType[] FORMATS = {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0};

    @Test
    void supportedFormatsAreTheseFive() {
        for (DType type : DType.values()) {
            assertEquals(java.util.Arrays.asList(FORMATS).contains(type), Quant.supports(type), type.name());
        }
        CremaException error = assertThrows(CremaException.class, () -> Quant.dequantize(DType.Q6_K, new byte[210], 0, new float[256], 0, 256));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.hint().contains("F32, F16, Q4_0, Q8_0, BF16"), error.hint());
    }

    /** Blocks worked out by hand: scale 1/127 of the largest, halves away from zero. */
    @Test
    void q8_0RoundsHalvesAwayFromZero() {
        var x = new float[32];
        x[0] = 127;
        x[1] = 2.5f;
        x[2] = -2.5f;
        x[3] = -127;
        x[4] = 0.49f;
        var bytes = new byte[34];
        Quant.quantize(DType.Q8_0, x, 0, bytes, 0, 32);
        assertEquals("003c7f03fd8100", HexFormat.of().formatHex(bytes, 0, 7));
        float[] back = new float[32];
        Quant.dequantize(DType.Q8_0, bytes, 0, back, 0, 32);
        assertArrayEquals(new float[] {127, 3, -3, -127, 0}, java.util.Arrays.copyOf(back, 5));
    }

    @Test
    void q4_0KeepsTheSignOfTheLargest() {
        var x = new float[32];
        x[0] = 8;
        x[1] = -7;
        x[16] = 3.4f;
        x[17] = -8;
        var bytes = new byte[18];
        Quant.quantize(DType.Q4_0, x, 0, bytes, 0, 32);
        // Scale -1: 8 becomes nibble 0, -7 becomes 15, 3.4 becomes 5, -8 would be 16 and is held at 15.
        assertEquals("00bc50ff88", HexFormat.of().formatHex(bytes, 0, 5));
        float[] back = new float[32];
        Quant.dequantize(DType.Q4_0, bytes, 0, back, 0, 32);
        assertArrayEquals(new float[] {8, -7, 0}, java.util.Arrays.copyOf(back, 3), 1e-30f);
        assertEquals(3, back[16]);
        assertEquals(-7, back[17]);
    }

    @Test
    void zerosStayZeros() {
        for (DType type : FORMATS) {
            var bytes = new byte[(int) type.bytes(64)];
            Quant.quantize(type, new float[64], 0, bytes, 0, 64);
            var back = new float[64];
            Quant.dequantize(type, bytes, 0, back, 0, 64);
            assertArrayEquals(new float[64], back, 1e-30f, type.name());
        }
    }

    @Test
    void errorStaysWithinHalfAStepAndOffsetsHold() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (DType type : FORMATS) {
            int elements = 32 * 7;
            int size = (int) type.bytes(elements);
            var x = new float[elements + 5];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextGaussian();
            }
            var bytes = new byte[size + 6];
            Quant.quantize(type, x, 5, bytes, 3, elements);
            var back = new float[elements + 4];
            Quant.dequantize(type, bytes, 3, back, 2, elements);
            for (int i = 0; i < 3; i++) {
                assertEquals(0, bytes[i]);
                assertEquals(0, bytes[size + 3 + i]);
            }
            for (int i = 0; i < elements; i++) {
                float largest = 0;
                for (int j = i / 32 * 32; j < i / 32 * 32 + 32; j++) {
                    largest = Math.max(largest, Math.abs(x[5 + j]));
                }
                double step = switch (type) {
                    case F32 -> 0;
                    case F16 -> Math.abs(x[5 + i]) * 0x1p-10;
                    case BF16 -> Math.abs(x[5 + i]) * 0x1p-7;
                    case Q8_0 -> largest / 127 * 1.1;
                    // The value opposite the largest is held at 15, a whole step off.
                    default -> largest / 8 * 2.01;
                };
                assertEquals(x[5 + i], back[2 + i], step / 2 + 1e-7, type + " element " + i + " seed " + seed);
            }
        }
    }

    @Test
    void dequantisedBlocksQuantiseToThemselves() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var x = new float[32 * 16];
        for (int i = 0; i < x.length; i++) {
            x[i] = random.nextFloat() - 0.5f;
        }
        for (DType type : new DType[] {DType.F16, DType.BF16}) {
            var bytes = new byte[(int) type.bytes(x.length)];
            Quant.quantize(type, x, 0, bytes, 0, x.length);
            var back = new float[x.length];
            Quant.dequantize(type, bytes, 0, back, 0, x.length);
            var again = new byte[bytes.length];
            Quant.quantize(type, back, 0, again, 0, x.length);
            assertArrayEquals(bytes, again, type + " seed " + seed);
        }
        assertEquals(Float16.toFloat(0x3555), 0.333251953125f);
    }

    @Test
    void rangesAreChecked() {
        assertThrows(IndexOutOfBoundsException.class, () -> Quant.dequantize(DType.Q8_0, new byte[33], 0, new float[32], 0, 32));
        assertThrows(IndexOutOfBoundsException.class, () -> Quant.dequantize(DType.Q8_0, new byte[34], 1, new float[32], 0, 32));
        assertThrows(IndexOutOfBoundsException.class, () -> Quant.quantize(DType.F16, new float[4], 1, new byte[8], 0, 4));
        assertThrows(IllegalArgumentException.class, () -> Quant.dequantize(DType.Q4_0, new byte[34], 0, new float[32], 0, 31));
    }
}
