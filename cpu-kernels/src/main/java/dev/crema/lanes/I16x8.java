package dev.crema.lanes;

import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/** Eight signed numbers of 16 bits; sums and products wrap. */
public final class I16x8 extends Bits {
    I16x8(byte[] bytes) {
        super(bytes);
    }

    private I16x8 with(I16x8 b, IntBinaryOperator operator) {
        return new I16x8(of16((int i) -> operator.applyAsInt(i16(i), b.i16(i))));
    }

    public static I16x8 zero() {
        return splat(0);
    }

    /** The low 16 bits of the value in all lanes. */
    public static I16x8 splat(int value) {
        return new I16x8(of16((int i) -> value));
    }

    public static I16x8 load(int address) {
        return load(Integer.toUnsignedLong(address));
    }

    public static I16x8 load(long address) {
        return new I16x8(of8((int i) -> Memory.loadI8(address + i)));
    }

    /** The 16 bits at the address in all lanes. */
    public static I16x8 loadSplat(int address) {
        return splat(Memory.loadI16(address));
    }

    /** The 16 bits at the address in all lanes. */
    public static I16x8 loadSplat(long address) {
        return splat(Memory.loadI16(address));
    }

    /** 8 signed numbers of 8 bits, 8 bytes, widened. */
    public static I16x8 loadI8x8(int address) {
        return loadI8x8(Integer.toUnsignedLong(address));
    }

    /** 8 signed numbers of 8 bits, 8 bytes, widened. */
    public static I16x8 loadI8x8(long address) {
        return new I16x8(of16((int i) -> Memory.loadI8(address + i)));
    }

    /** 8 unsigned numbers of 8 bits, 8 bytes, widened. */
    public static I16x8 loadU8x8(int address) {
        return loadU8x8(Integer.toUnsignedLong(address));
    }

    /** 8 unsigned numbers of 8 bits, 8 bytes, widened. */
    public static I16x8 loadU8x8(long address) {
        return new I16x8(of16((int i) -> Memory.loadU8(address + i)));
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

    public I16x8 add(I16x8 b) {
        return with(b, (int x, int y) -> x + y);
    }

    public I16x8 sub(I16x8 b) {
        return with(b, (int x, int y) -> x - y);
    }

    public I16x8 mul(I16x8 b) {
        return with(b, (int x, int y) -> x * y);
    }

    public I16x8 addSaturate(I16x8 b) {
        return with(b, (int x, int y) -> clamp(x + y, Short.MIN_VALUE, Short.MAX_VALUE));
    }

    public I16x8 subSaturate(I16x8 b) {
        return with(b, (int x, int y) -> clamp(x - y, Short.MIN_VALUE, Short.MAX_VALUE));
    }

    public I16x8 min(I16x8 b) {
        return with(b, Math::min);
    }

    public I16x8 max(I16x8 b) {
        return with(b, Math::max);
    }

    public I16x8 neg() {
        return new I16x8(of16((int i) -> -i16(i)));
    }

    /** The least number stays what it is. */
    public I16x8 abs() {
        return new I16x8(of16((int i) -> Math.abs(i16(i))));
    }

    public I16x8 and(I16x8 b) {
        return new I16x8(bitwise(this, b, (int x, int y) -> x & y));
    }

    public I16x8 or(I16x8 b) {
        return new I16x8(bitwise(this, b, (int x, int y) -> x | y));
    }

    public I16x8 xor(I16x8 b) {
        return new I16x8(bitwise(this, b, (int x, int y) -> x ^ y));
    }

    /** {@code this & ~b}. */
    public I16x8 andNot(I16x8 b) {
        return new I16x8(bitwise(this, b, (int x, int y) -> x & ~y));
    }

    public I16x8 not() {
        return new I16x8(of8((int i) -> ~i8(i)));
    }

    /** @param count its low 4 bits count */
    public I16x8 shl(int count) {
        return new I16x8(of16((int i) -> i16(i) << (count & 15)));
    }

    /** Copies of the sign come in. */
    public I16x8 shr(int count) {
        return new I16x8(of16((int i) -> i16(i) >> (count & 15)));
    }

    /** Zeros come in. */
    public I16x8 shrU(int count) {
        return new I16x8(of16((int i) -> u16(i) >> (count & 15)));
    }

    /** All bits of a lane are set where {@code this == b}. */
    public I16x8 eq(I16x8 b) {
        return with(b, (int x, int y) -> mask(x == y));
    }

    /** All bits of a lane are set where {@code this != b}. */
    public I16x8 ne(I16x8 b) {
        return with(b, (int x, int y) -> mask(x != y));
    }

    /** All bits of a lane are set where {@code this < b}. */
    public I16x8 lt(I16x8 b) {
        return with(b, (int x, int y) -> mask(x < y));
    }

    /** All bits of a lane are set where {@code this <= b}. */
    public I16x8 le(I16x8 b) {
        return with(b, (int x, int y) -> mask(x <= y));
    }

    /** All bits of a lane are set where {@code this > b}. */
    public I16x8 gt(I16x8 b) {
        return with(b, (int x, int y) -> mask(x > y));
    }

    /** All bits of a lane are set where {@code this >= b}. */
    public I16x8 ge(I16x8 b) {
        return with(b, (int x, int y) -> mask(x >= y));
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    public static I16x8 select(I16x8 mask, I16x8 a, I16x8 b) {
        return new I16x8(choose(mask, a, b));
    }

    /** Whether any bit is set. */
    public boolean anyTrue() {
        return any();
    }

    /** @param lane 0..7, a constant */
    public int extractLane(int lane) {
        return i16(lane);
    }

    /** @param lane 0..7, a constant */
    public I16x8 replaceLane(int lane, int value) {
        return new I16x8(of16((int i) -> i == lane ? value : i16(i)));
    }

    /** Lanes of a (0..7) and b (8..15); the indices are constants. */
    public static I16x8 shuffle(I16x8 a, I16x8 b, int i0, int i1, int i2, int i3, int i4, int i5, int i6, int i7) {
        return new I16x8(pick(a, b, i0, i1, i2, i3, i4, i5, i6, i7));
    }

    /** The lanes of a, then those of b, saturating. */
    public static I16x8 narrow(I32x4 a, I32x4 b) {
        return new I16x8(of16((int i) -> clamp(i < 4 ? a.i32(i) : b.i32(i - 4), Short.MIN_VALUE, Short.MAX_VALUE)));
    }

    /** The low 4 lanes, signed. */
    public I32x4 toI32Low() {
        return new I32x4(of32((int i) -> i16(i)));
    }

    /** The high 4 lanes, signed. */
    public I32x4 toI32High() {
        return new I32x4(of32((int i) -> i16(i + 4)));
    }

    /** The low 4 lanes, taken as unsigned. */
    public I32x4 toI32LowU() {
        return new I32x4(of32((int i) -> u16(i)));
    }

    /** The high 4 lanes, taken as unsigned. */
    public I32x4 toI32HighU() {
        return new I32x4(of32((int i) -> u16(i + 4)));
    }

    /** Products of the low 4 lanes. */
    public I32x4 extmulLow(I16x8 b) {
        return new I32x4(of32((int i) -> i16(i) * b.i16(i)));
    }

    /** Products of the high 4 lanes. */
    public I32x4 extmulHigh(I16x8 b) {
        return new I32x4(of32((int i) -> i16(i + 4) * b.i16(i + 4)));
    }

    /** Sums of two neighbours. */
    public I32x4 extaddPairwise() {
        return new I32x4(of32((int i) -> i16(2 * i) + i16(2 * i + 1)));
    }

    /** Sums of the products of two neighbours; it wraps. */
    public I32x4 dot(I16x8 b) {
        return new I32x4(of32((int i) -> i16(2 * i) * b.i16(2 * i) + i16(2 * i + 1) * b.i16(2 * i + 1)));
    }

    public I32x4 asI32x4() {
        return new I32x4(bytes);
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
        return "I16x8" + IntStream.range(0, 8).map(this::i16).boxed().toList();
    }
}
