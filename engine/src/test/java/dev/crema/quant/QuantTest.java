package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class QuantTest {
    /** Those that are written, too. */
    private static final DType[] FORMATS = {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0};
    private static final DType[] READ_ONLY = {DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K,
        DType.IQ4_NL, DType.IQ4_XS, DType.MXFP4, DType.IQ2_LEVELS};

    @Test
    void supportedFormatsAreThese() {
        for (DType type : DType.values()) {
            boolean written = Arrays.asList(FORMATS).contains(type);
            assertEquals(written, Quant.canQuantize(type), type.name());
            assertEquals(written || Arrays.asList(READ_ONLY).contains(type), Quant.supports(type), type.name());
        }
        CremaException error = assertThrows(CremaException.class, () -> Quant.dequantize(DType.BOOL, new byte[256], 0, new float[256], 0, 256));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.hint().contains("F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K"), error.hint());
        error = assertThrows(CremaException.class, () -> Quant.quantize(DType.Q6_K, new float[256], 0, new byte[210], 0, 256));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.hint().contains("F32, F16, Q4_0, Q8_0, BF16"), error.hint());
    }

    /** One block a format, worked out by hand from the layouts in ggml-common.h: two elements that take their bits from different places. */
    @Test
    void blocksWorkedOutByHand() {
        // d 1, m 0.5, byte 3 is 0xa7: elements 3 and 19.
        block(DType.Q4_1, at(0, 0x00, 0x3c, 0x00, 0x38), at(7, 0xa7), 3, 7.5f, 19, 10.5f);
        // The fifth bits of elements 3 and 20.
        block(DType.Q5_0, at(0, 0x00, 0x3c, 0x08, 0x00, 0x10, 0x00), at(9, 0xa7), 3, 7, 20, 0);
        block(DType.Q5_1, at(0, 0x00, 0x3c, 0x00, 0x38, 0x08, 0x00, 0x08, 0x00), at(11, 0xa7), 3, 23.5f, 19, 26.5f);
        // Scale 3 and minimum 2 for group 15 (elements 240 on), quants 3 in the highest bits of the second half.
        block(DType.Q2_K, at(15, 0x23), at(16 + 32 + 16, 0xc0), at(80, 0x00, 0x3c, 0x00, 0x38), 240, 8, 241, -1);
        // Group 15: low nibble 5 in byte 7's upper half, high bits 3 in byte 11; 53 - 32 = 21 times (3 + 4 - 4), or times -4 without bits.
        block(DType.Q3_K, at(16, 0x80), at(32 + 32 + 16, 0xc0), at(96 + 7, 0x50), at(96 + 11, 0xc0), at(108, 0x00, 0x3c), 240, 63, 241, -84);
        // Group 5: scale 9 | 2 << 4 = 41, minimum 6 | 1 << 4 = 22; upper nibbles of the third run.
        block(DType.Q4_K, at(0, 0x00, 0x3c, 0x00, 0x38), at(4 + 1, 0x80), at(4 + 5, 0x40), at(4 + 9, 0x69), at(16 + 2 * 32 + 1, 0xd0),
            161, 41 * 13 - 11, 160, -11);
        block(DType.Q5_K, at(0, 0x00, 0x3c, 0x00, 0x38), at(4 + 1, 0x80), at(4 + 5, 0x40), at(4 + 9, 0x69), at(16 + 1, 0x20),
            at(48 + 2 * 32 + 1, 0xd0), 161, 41 * 29 - 11, 160, -11);
        // Element 128 + 97: upper nibble of byte 64 + 33, bits 6 and 7 of pair byte 32 + 1, group 14.
        block(DType.Q6_K, at(64 + 33, 0x90), at(128 + 33, 0xc0), at(192 + 14, 0xfe), at(208, 0x00, 0x3c), 225, -2 * (57 - 32), 224, 64);
        block(DType.IQ4_NL, at(0, 0x00, 0x3c), at(2 + 3, 0xf1), 3, -104, 19, 113);
        // Group 5: scale (3 | 2 << 4) - 32 = 3.
        block(DType.IQ4_XS, at(0, 0x00, 0x3c, 0x00, 0x08), at(4 + 2, 0x30), at(8 + 5 * 16, 0xf8), 160, 3, 176, 3 * 113);
        // 2^(128-127), FP4 6 and -0.5.
        block(DType.MXFP4, at(0, 128), at(1, 0x97), 0, 12, 16, -1);
        block(DType.MXFP4, at(0, 0), at(1, 0x07), 0, 12 * 0x1p-128f, 16, 0);
        // Group 5: scale 2 * 3 + 1; level 2 with a minus, and level 0.
        block(DType.IQ2_LEVELS, at(0, 0x00, 0x48), at(4 + 2, 0x30), at(12 + 2, 0x20), at(44 + 16 + 2, 0x08), 82, -7 * 43, 80, 7 * 8);
    }

    private record Bytes(int offset, int... values) { }

    private static Bytes at(int offset, int... values) {
        return new Bytes(offset, values);
    }

    /** Ends with pairs of an element and its value. */
    private static void block(DType type, Object... parts) {
        var bytes = new byte[type.blockBytes()];
        var x = new float[type.blockSize()];
        for (Object part : parts) {
            if (part instanceof Bytes run) {
                for (int i = 0; i < run.values.length; i++) {
                    bytes[run.offset + i] = (byte) run.values[i];
                }
            }
        }
        Quant.dequantize(type, bytes, 0, x, 0, x.length);
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] instanceof Integer element) {
                assertEquals(((Number) parts[++i]).floatValue(), x[element], type + " element " + element);
            }
        }
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
        assertArrayEquals(new float[] {127, 3, -3, -127, 0}, Arrays.copyOf(back, 5));
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
        assertArrayEquals(new float[] {8, -7, 0}, Arrays.copyOf(back, 3), 1e-30f);
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
