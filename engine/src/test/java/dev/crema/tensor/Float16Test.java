package dev.crema.tensor;

import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class Float16Test {
    @Test
    void everyHalfReadsAsTheJdkReadsIt() {
        for (int half = 0; half < 0x10000; half++) {
            float expected = Float.float16ToFloat((short) half);
            float actual = Float16.toFloat(half);
            if (Float.isNaN(expected)) {
                assertTrue(Float.isNaN(actual), Integer.toHexString(half));
            } else {
                assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(actual), Integer.toHexString(half));
                assertEquals(half, Float16.fromFloat(actual), Integer.toHexString(half));
            }
        }
    }

    /** Every float next to the middle between two halves, where rounding decides, and a random sweep of all exponents. */
    @Test
    void floatsRoundAsTheJdkRoundsThem() {
        for (int half = 0; half < 0x7c00; half++) {
            float middle = (float) ((Float16.toFloat(half) + (double) (half == 0x7bff ? 65536f : Float16.toFloat(half + 1))) / 2);
            for (int step = -2; step <= 2; step++) {
                float value = Float.intBitsToFloat(Float.floatToRawIntBits(middle) + step);
                assertSameHalf(value);
                assertSameHalf(-value);
            }
        }
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 2_000_000; i++) {
            assertSameHalf(Float.intBitsToFloat(random.nextInt()));
        }
    }

    private static void assertSameHalf(float value) {
        int expected = Float.floatToFloat16(value) & 0xffff;
        int actual = Float16.fromFloat(value);
        if (Float.isNaN(value)) {
            assertTrue(Float.isNaN(Float16.toFloat(actual)));
        } else if (expected != actual) {
            assertEquals(Integer.toHexString(expected), Integer.toHexString(actual), value + " " + Float.floatToRawIntBits(value));
        }
    }

    @Test
    void bfloat16IsTheUpperHalfRoundedToEven() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Float16.ofBfloat16(bits);
            if (Float.isNaN(value)) {
                assertTrue(Float.isNaN(Float16.ofBfloat16(Float16.toBfloat16(value))));
            } else {
                assertEquals(bits, Float16.toBfloat16(value));
            }
        }
        assertEquals(0x3f80, Float16.toBfloat16(Float.intBitsToFloat(0x3f808000)), "a tie goes to the even neighbour below");
        assertEquals(0x3f82, Float16.toBfloat16(Float.intBitsToFloat(0x3f818000)), "a tie goes to the even neighbour above");
        assertEquals(0x3f81, Float16.toBfloat16(Float.intBitsToFloat(0x3f808001)));
        assertEquals(0x7f80, Float16.toBfloat16(Float.MAX_VALUE), "too large becomes infinite");
        assertTrue(Float.isNaN(Float16.ofBfloat16(Float16.toBfloat16(Float.intBitsToFloat(0x7f800001)))));
    }
}
