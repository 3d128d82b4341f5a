package dev.crema.lanes;

import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/** 16 bytes in the order of memory, little endian, and the loops by which the lane types define their operations on the JVM. */
abstract sealed class Bits permits F32x4, I32x4, I16x8, I8x16, U8x16 {
    final byte[] bytes;

    Bits(byte[] bytes) {
        this.bytes = bytes;
    }

    int i8(int lane) {
        return bytes[lane];
    }

    int u8(int lane) {
        return bytes[lane] & 0xff;
    }

    int i16(int lane) {
        return u8(2 * lane) | bytes[2 * lane + 1] << 8;
    }

    int u16(int lane) {
        return i16(lane) & 0xffff;
    }

    int i32(int lane) {
        return u16(2 * lane) | i16(2 * lane + 1) << 16;
    }

    float f32(int lane) {
        return Float.intBitsToFloat(i32(lane));
    }

    /** 16 lanes of 8 bits; bits above them are dropped. */
    static byte[] of8(IntUnaryOperator lane) {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 16; i++) {
            bytes[i] = (byte) lane.applyAsInt(i);
        }
        return bytes;
    }

    /** 8 lanes of 16 bits; bits above them are dropped. */
    static byte[] of16(IntUnaryOperator lane) {
        byte[] bytes = new byte[16];
        for (int i = 0; i < 8; i++) {
            int value = lane.applyAsInt(i);
            bytes[2 * i] = (byte) value;
            bytes[2 * i + 1] = (byte) (value >> 8);
        }
        return bytes;
    }

    /** 4 lanes of 32 bits. */
    static byte[] of32(IntUnaryOperator lane) {
        return of16((int i) -> lane.applyAsInt(i / 2) >> 16 * (i % 2));
    }

    static byte[] bitwise(Bits a, Bits b, IntBinaryOperator operator) {
        return of8((int i) -> operator.applyAsInt(a.i8(i), b.i8(i)));
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    static byte[] choose(Bits mask, Bits a, Bits b) {
        return of8((int i) -> a.i8(i) & mask.i8(i) | b.i8(i) & ~mask.i8(i));
    }

    /** Bytes {@code indices[i]} of the 32 bytes of {@code a} and {@code b}. */
    static byte[] pick(Bits a, Bits b, int... indices) {
        int lanes = indices.length;
        int size = 16 / lanes;
        for (int index : indices) {
            if (index < 0 || index >= 2 * lanes) {
                throw new IllegalArgumentException("a shuffle of two vectors of " + lanes + " lanes has no lane " + index);
            }
        }
        return of8((int i) -> {
            int from = indices[i / size] * size + i % size;
            return from < 16 ? a.i8(from) : b.i8(from - 16);
        });
    }

    /** Bytes of this at the indices; 0 where an index is 16 or more. */
    byte[] at(U8x16 indices) {
        return of8((int i) -> indices.u8(i) < 16 ? i8(indices.u8(i)) : 0);
    }

    boolean any() {
        for (byte value : bytes) {
            if (value != 0) {
                return true;
            }
        }
        return false;
    }

    static int mask(boolean set) {
        return set ? -1 : 0;
    }

    static int clamp(int value, int least, int most) {
        return Math.max(least, Math.min(most, value));
    }

    @Override
    public boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && Arrays.equals(bytes, ((Bits) other).bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }
}
