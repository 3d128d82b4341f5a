package dev.crema.lanes;

import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/** Four signed numbers of 32 bits; sums and products wrap. */
public final class I32x4 extends Bits {
    I32x4(byte[] bytes) {
        super(bytes);
    }

    private I32x4 with(I32x4 b, IntBinaryOperator operator) {
        return new I32x4(of32((int i) -> operator.applyAsInt(i32(i), b.i32(i))));
    }

    public static I32x4 zero() {
        return splat(0);
    }

    public static I32x4 splat(int value) {
        return new I32x4(of32((int i) -> value));
    }

    public static I32x4 load(int address) {
        return load(Integer.toUnsignedLong(address));
    }

    public static I32x4 load(long address) {
        return new I32x4(of8((int i) -> Memory.loadI8(address + i)));
    }

    /** The 32 bits at the address in all lanes. */
    public static I32x4 loadSplat(int address) {
        return splat(Memory.loadI32(address));
    }

    /** The 32 bits at the address in all lanes. */
    public static I32x4 loadSplat(long address) {
        return splat(Memory.loadI32(address));
    }

    /** 4 signed numbers of 16 bits, 8 bytes, widened. */
    public static I32x4 loadI16x4(int address) {
        return loadI16x4(Integer.toUnsignedLong(address));
    }

    /** 4 signed numbers of 16 bits, 8 bytes, widened. */
    public static I32x4 loadI16x4(long address) {
        return new I32x4(of32((int i) -> Memory.loadI16(address + 2 * i)));
    }

    /** 4 unsigned numbers of 16 bits, 8 bytes, widened. */
    public static I32x4 loadU16x4(int address) {
        return loadU16x4(Integer.toUnsignedLong(address));
    }

    /** 4 unsigned numbers of 16 bits, 8 bytes, widened. */
    public static I32x4 loadU16x4(long address) {
        return new I32x4(of32((int i) -> Memory.loadU16(address + 2 * i)));
    }

    public void store(int address) {
        store(Integer.toUnsignedLong(address));
    }

    public void store(long address) {
        for (int i = 0; i < 16; i++) {
            Memory.storeI8(address + i, i8(i));
        }
    }

    /** Stores the low 8 bytes. */
    public void storeLow(int address) {
        storeLow(Integer.toUnsignedLong(address));
    }

    /** Stores the low 8 bytes. */
    public void storeLow(long address) {
        for (int i = 0; i < 8; i++) {
            Memory.storeI8(address + i, i8(i));
        }
    }

    public I32x4 add(I32x4 b) {
        return with(b, (int x, int y) -> x + y);
    }

    public I32x4 sub(I32x4 b) {
        return with(b, (int x, int y) -> x - y);
    }

    public I32x4 mul(I32x4 b) {
        return with(b, (int x, int y) -> x * y);
    }

    public I32x4 min(I32x4 b) {
        return with(b, Math::min);
    }

    public I32x4 max(I32x4 b) {
        return with(b, Math::max);
    }

    public I32x4 neg() {
        return new I32x4(of32((int i) -> -i32(i)));
    }

    /** The least number stays what it is. */
    public I32x4 abs() {
        return new I32x4(of32((int i) -> Math.abs(i32(i))));
    }

    public I32x4 and(I32x4 b) {
        return new I32x4(bitwise(this, b, (int x, int y) -> x & y));
    }

    public I32x4 or(I32x4 b) {
        return new I32x4(bitwise(this, b, (int x, int y) -> x | y));
    }

    public I32x4 xor(I32x4 b) {
        return new I32x4(bitwise(this, b, (int x, int y) -> x ^ y));
    }

    /** {@code this & ~b}. */
    public I32x4 andNot(I32x4 b) {
        return new I32x4(bitwise(this, b, (int x, int y) -> x & ~y));
    }

    public I32x4 not() {
        return new I32x4(of8((int i) -> ~i8(i)));
    }

    /** @param count its low 5 bits count */
    public I32x4 shl(int count) {
        return new I32x4(of32((int i) -> i32(i) << (count & 31)));
    }

    /** Copies of the sign come in. */
    public I32x4 shr(int count) {
        return new I32x4(of32((int i) -> i32(i) >> (count & 31)));
    }

    /** Zeros come in. */
    public I32x4 shrU(int count) {
        return new I32x4(of32((int i) -> i32(i) >>> (count & 31)));
    }

    /** All bits of a lane are set where {@code this == b}. */
    public I32x4 eq(I32x4 b) {
        return with(b, (int x, int y) -> mask(x == y));
    }

    /** All bits of a lane are set where {@code this != b}. */
    public I32x4 ne(I32x4 b) {
        return with(b, (int x, int y) -> mask(x != y));
    }

    /** All bits of a lane are set where {@code this < b}. */
    public I32x4 lt(I32x4 b) {
        return with(b, (int x, int y) -> mask(x < y));
    }

    /** All bits of a lane are set where {@code this <= b}. */
    public I32x4 le(I32x4 b) {
        return with(b, (int x, int y) -> mask(x <= y));
    }

    /** All bits of a lane are set where {@code this > b}. */
    public I32x4 gt(I32x4 b) {
        return with(b, (int x, int y) -> mask(x > y));
    }

    /** All bits of a lane are set where {@code this >= b}. */
    public I32x4 ge(I32x4 b) {
        return with(b, (int x, int y) -> mask(x >= y));
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    public static I32x4 select(I32x4 mask, I32x4 a, I32x4 b) {
        return new I32x4(choose(mask, a, b));
    }

    /** Whether any bit is set. */
    public boolean anyTrue() {
        return any();
    }

    /** @param lane 0..3, a constant */
    public int extractLane(int lane) {
        return i32(lane);
    }

    /** @param lane 0..3, a constant */
    public I32x4 replaceLane(int lane, int value) {
        return new I32x4(of32((int i) -> i == lane ? value : i32(i)));
    }

    /** Lanes of a (0..3) and b (4..7); the indices are constants. */
    public static I32x4 shuffle(I32x4 a, I32x4 b, int i0, int i1, int i2, int i3) {
        return new I32x4(pick(a, b, i0, i1, i2, i3));
    }

    /** The nearest float. */
    public F32x4 toF32() {
        return new F32x4(of32((int i) -> Float.floatToRawIntBits((float) i32(i))));
    }

    /** The sum of the lanes; it wraps. */
    public int sum() {
        I32x4 halves = add(shuffle(this, this, 2, 3, 0, 1));
        return halves.extractLane(0) + halves.extractLane(1);
    }

    public I16x8 asI16x8() {
        return new I16x8(bytes);
    }

    public I8x16 asI8x16() {
        return new I8x16(bytes);
    }

    public U8x16 asU8x16() {
        return new U8x16(bytes);
    }

    public F32x4 asF32x4() {
        return new F32x4(bytes);
    }

    @Override
    public String toString() {
        return "I32x4" + IntStream.range(0, 4).map(this::i32).boxed().toList();
    }
}
