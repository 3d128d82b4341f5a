package dev.crema.quant;

import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Formats that are read and converted, packed here by their definitions. */
class ReadFormatsTest {
    private static float[] read(DType type, byte[] bytes, int elements) {
        float[] values = new float[elements];
        Quant.dequantize(type, bytes, 0, values, 0, elements);
        return values;
    }

    /** OCP 8-bit floating point: sign, 4 or 5 bits of exponent with a bias of 7 or 15, 3 or 2 of fraction. */
    @Test
    void everyEightBitFloat() {
        for (int code = 0; code < 256; code++) {
            int sign = code < 128 ? 1 : -1;
            int exponent = code >> 3 & 15;
            double e4m3 = exponent == 0 ? (code & 7) / 8.0 * Math.pow(2, -6) : (1 + (code & 7) / 8.0) * Math.pow(2, exponent - 7);
            assertEquals((code & 127) == 127 ? Float.NaN : (float) (sign * e4m3), read(DType.F8_E4M3, new byte[] {(byte) code}, 1)[0], "e4m3 " + code);
            exponent = code >> 2 & 31;
            double e5m2 = exponent == 31 ? (code & 3) == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                : exponent == 0 ? (code & 3) / 4.0 * Math.pow(2, -14) : (1 + (code & 3) / 4.0) * Math.pow(2, exponent - 15);
            assertEquals((float) (sign * e5m2), read(DType.F8_E5M2, new byte[] {(byte) code}, 1)[0], "e5m2 " + code);
        }
        assertEquals(448, read(DType.F8_E4M3, new byte[] {0x7e}, 1)[0]);
    }

    @Test
    void plainNumbers() {
        var bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putDouble(0, -1.0 / 3).putInt(8, -7).putShort(12, (short) -300).put(14, (byte) -128).putLong(16, -1L << 40);
        byte[] all = bytes.array();
        assertEquals((float) (-1.0 / 3), read(DType.F64, all, 1)[0]);
        float[] out = new float[1];
        Quant.dequantize(DType.I32, all, 8, out, 0, 1);
        assertEquals(-7, out[0]);
        Quant.dequantize(DType.I16, all, 12, out, 0, 1);
        assertEquals(-300, out[0]);
        Quant.dequantize(DType.I8, all, 14, out, 0, 1);
        assertEquals(-128, out[0]);
        Quant.dequantize(DType.I64, all, 16, out, 0, 1);
        assertEquals(-1L << 40, out[0]);
    }

    /** A byte is a fraction of 256 whose digits in base 3 are the elements, rounded up. */
    @Test
    void ternaryInBaseThree() {
        var random = new Random(1);
        for (int round = 0; round < 20; round++) {
            int[] digits = digits(random, round, 3);
            byte[] block = new byte[54];
            for (int i = 0; i < 52; i++) {
                int value = 0;
                for (int n = 0; n < 5; n++) {
                    int at = i < 32 ? n * 32 + i : i < 48 ? 160 + n * 16 + i - 32 : 240 + n * 4 + i - 48;
                    value = 3 * value + (i < 48 || n < 4 ? digits[at] : 0);
                }
                block[i] = (byte) ((value * 256 + 242) / 243);
            }
            putHalf(block, 52, 0.37f);
            expectDigits(digits, read(DType.TQ1_0, block, 256));
        }
    }

    @Test
    void ternaryInPairs() {
        var random = new Random(2);
        for (int round = 0; round < 20; round++) {
            int[] digits = digits(random, round, 4);
            byte[] block = new byte[66];
            for (int i = 0; i < 256; i++) {
                int half = i / 128;
                block[half * 32 + i % 32] |= (byte) (digits[i] << 2 * (i / 32 % 4));
            }
            putHalf(block, 64, 0.37f);
            expectDigits(digits, read(DType.TQ2_0, block, 256));
        }
    }

    private static int[] digits(Random random, int round, int bound) {
        int[] digits = new int[256];
        for (int i = 0; i < 256; i++) {
            digits[i] = round < bound ? round : random.nextInt(bound);
        }
        return digits;
    }

    private static void expectDigits(int[] digits, float[] values) {
        float scale = Float16.toFloat(Float16.fromFloat(0.37f));
        for (int i = 0; i < 256; i++) {
            assertEquals((digits[i] - 1) * scale, values[i], "element " + i);
        }
    }

    private static void putHalf(byte[] bytes, int at, float value) {
        int half = Float16.fromFloat(value);
        bytes[at] = (byte) half;
        bytes[at + 1] = (byte) (half >> 8);
    }

    @Test
    void bytesWithSums() {
        byte[] small = new byte[72];
        byte[] large = new byte[292];
        new Random(3).nextBytes(small);
        new Random(4).nextBytes(large);
        putHalf(small, 0, 0.5f);
        putHalf(small, 36, -2);
        ByteBuffer.wrap(large).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 0.001f);
        float[] values = read(DType.Q8_1, small, 64);
        for (int i = 0; i < 64; i++) {
            assertEquals((i < 32 ? 0.5f : -2) * small[i < 32 ? 4 + i : 40 + i - 32], values[i]);
        }
        values = read(DType.Q8_K, large, 256);
        for (int i = 0; i < 256; i++) {
            assertEquals(0.001f * large[4 + i], values[i]);
        }
    }

    @Test
    void readingIsMoreThanComputing() {
        assertTrue(Quant.reads(DType.TQ1_0) && Quant.reads(DType.F64) && Quant.reads(DType.Q4_0));
        assertFalse(Quant.supports(DType.TQ1_0) || Quant.supports(DType.F64));
        assertTrue(Quant.reads(DType.IQ1_S) && !Quant.supports(DType.IQ1_S) && !Quant.reads(DType.BOOL));
    }
}
