package dev.crema.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The definitions against what Java says, where there is something to get wrong. */
class LanesTest {
    private final Random random = new Random(1);

    @BeforeEach
    void memory() {
        Memory.use(MemorySegment.ofArray(new long[32]));
    }

    @Test
    void halvesAreExact() {
        for (int half = 0; half < 65536; half++) {
            float expected = Float.float16ToFloat((short) half);
            Memory.storeI16(6 + half % 2, half);
            assertEquals(expected, Memory.loadF16(6 + half % 2));
            assertEquals(expected, F32x4.f16(I32x4.splat(half)).extractLane(3));
            I16x8.splat(half).store(16);
            assertEquals(expected, F32x4.loadF16(16).extractLane(2));
            if (Float.isFinite(expected)) {
                assertEquals(expected, Memory.loadF16Finite(16));
                assertEquals(expected, F32x4.loadF16Finite(16).extractLane(1));
            }
        }
    }

    @Test
    void halvesAreRounded() {
        for (int i = 0; i < 200_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            float near = Float.float16ToFloat((short) random.nextInt()) + Math.scalb(random.nextInt(-4, 5), random.nextInt(-26, 4));
            for (float x : new float[] {value, near}) {
                if (x == x) {
                    assertEquals(Float.floatToFloat16(x) & 0xffff, Memory.toF16(x), () -> "half of " + x);
                }
            }
        }
        assertEquals(0x7e00, Memory.toF16(Float.NaN));
    }

    @Test
    void lanesLieInMemoryOrder() {
        for (int i = 0; i < 16; i++) {
            Memory.storeI8(3 + i, 0xf0 + i);
        }
        assertEquals("I8x16[-16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1]", I8x16.load(3).toString());
        assertEquals("U8x16[240, 241, 242, 243, 244, 245, 246, 247, 0, 0, 0, 0, 0, 0, 0, 0]", U8x16.loadLow(3).toString());
        assertEquals(0xfffefdfc, I32x4.load(3).extractLane(3));
        assertEquals((short) 0xf3f2, I16x8.load(3).extractLane(1));
        assertEquals(Memory.loadI32(7), I32x4.load(3).extractLane(1));
        assertEquals("I32x4[61936, 62450, 62964, 63478]", I32x4.loadU16x4(3).toString());
        I32x4.load(3).store(40L);
        assertEquals(I8x16.load(3), I8x16.load(40));
    }

    @Test
    void dotsAndPairs() {
        I8x16 a = I8x16.splat(-128);
        I8x16 b = I8x16.splat(127).replaceLane(5, 1);
        assertEquals("I32x4[-65023, -48895, -65023, -65023]", a.dot7(b, I32x4.splat(1)).toString());
        assertEquals(a.dot7(b, I32x4.zero()).sum(), a.extmulLow(b).extaddPairwise().add(a.extmulHigh(b).extaddPairwise()).sum());
        assertEquals(a.toI16Low().dot(b.toI16Low()).add(a.toI16High().dot(b.toI16High())).sum(), a.dot7(b, I32x4.zero()).sum());
    }

    @Test
    void narrowingSaturates() {
        I16x8 wide = I16x8.splat(300).replaceLane(1, -300).replaceLane(2, 7);
        assertEquals("I8x16[127, -128, 7, 127, 127, 127, 127, 127, 1, 1, 1, 1, 1, 1, 1, 1]", I8x16.narrow(wide, I16x8.splat(1)).toString());
        assertEquals("U8x16[255, 0, 7, 255, 255, 255, 255, 255, 1, 1, 1, 1, 1, 1, 1, 1]", U8x16.narrow(wide, I16x8.splat(1)).toString());
    }

    @Test
    void bytesArePickedByIndex() {
        U8x16 bytes = U8x16.zero().replaceLane(0, 9).replaceLane(15, 8);
        U8x16 indices = U8x16.splat(15).replaceLane(1, 16).replaceLane(2, 255).replaceLane(3, 0);
        assertEquals("U8x16[8, 0, 0, 9, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8]", bytes.swizzle(indices).toString());
        assertEquals("I32x4[1, 6, 5, 2]", I32x4.shuffle(I32x4.splat(1).replaceLane(3, 2), I32x4.splat(5).replaceLane(2, 6), 0, 6, 7, 3).toString());
        assertThrows(IllegalArgumentException.class, () -> F32x4.shuffle(F32x4.zero(), F32x4.zero(), 0, 1, 2, 8));
    }

    @Test
    void atomics() {
        Memory.atomicStore(8, 5);
        assertEquals(5, Memory.atomicAdd(8, 2));
        assertEquals(7, Memory.atomicCompareExchange(8, 7, 9));
        assertEquals(9, Memory.atomicLoad(8));
        assertEquals(1, Memory.waitOn(8, 7, -1));
        assertEquals(2, Memory.waitOn(8, 9, 10));
    }
}
