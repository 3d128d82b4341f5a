package dev.crema.lanes;

import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/** Sixteen unsigned numbers of 8 bits; sums wrap. */
public final class U8x16 extends Bits {
    U8x16(byte[] bytes) {
        super(bytes);
    }

    private U8x16 with(U8x16 b, IntBinaryOperator operator) {
        return new U8x16(of8((int i) -> operator.applyAsInt(u8(i), b.u8(i))));
    }

    public static U8x16 zero() {
        return splat(0);
    }

    /** The low 8 bits of the value in all lanes. */
    public static U8x16 splat(int value) {
        return new U8x16(of8((int i) -> value));
    }

    public static U8x16 load(int address) {
        return load(Integer.toUnsignedLong(address));
    }

    public static U8x16 load(long address) {
        return new U8x16(of8((int i) -> Memory.loadI8(address + i)));
    }

    /** The 8 bits at the address in all lanes. */
    public static U8x16 loadSplat(int address) {
        return splat(Memory.loadU8(address));
    }

    /** The 8 bits at the address in all lanes. */
    public static U8x16 loadSplat(long address) {
        return splat(Memory.loadU8(address));
    }

    /** 8 bytes into the low half, zeros into the high one. */
    public static U8x16 loadLow(int address) {
        return loadLow(Integer.toUnsignedLong(address));
    }

    /** 8 bytes into the low half, zeros into the high one. */
    public static U8x16 loadLow(long address) {
        return new U8x16(of8((int i) -> i < 8 ? Memory.loadI8(address + i) : 0));
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

    public U8x16 add(U8x16 b) {
        return with(b, (int x, int y) -> x + y);
    }

    public U8x16 sub(U8x16 b) {
        return with(b, (int x, int y) -> x - y);
    }

    public U8x16 addSaturate(U8x16 b) {
        return with(b, (int x, int y) -> clamp(x + y, 0, 255));
    }

    public U8x16 subSaturate(U8x16 b) {
        return with(b, (int x, int y) -> clamp(x - y, 0, 255));
    }

    public U8x16 min(U8x16 b) {
        return with(b, Math::min);
    }

    public U8x16 max(U8x16 b) {
        return with(b, Math::max);
    }

    public U8x16 and(U8x16 b) {
        return new U8x16(bitwise(this, b, (int x, int y) -> x & y));
    }

    public U8x16 or(U8x16 b) {
        return new U8x16(bitwise(this, b, (int x, int y) -> x | y));
    }

    public U8x16 xor(U8x16 b) {
        return new U8x16(bitwise(this, b, (int x, int y) -> x ^ y));
    }

    /** {@code this & ~b}. */
    public U8x16 andNot(U8x16 b) {
        return new U8x16(bitwise(this, b, (int x, int y) -> x & ~y));
    }

    public U8x16 not() {
        return new U8x16(of8((int i) -> ~i8(i)));
    }

    /** @param count its low 3 bits count */
    public U8x16 shl(int count) {
        return new U8x16(of8((int i) -> u8(i) << (count & 7)));
    }

    /** Zeros come in. */
    public U8x16 shrU(int count) {
        return new U8x16(of8((int i) -> u8(i) >> (count & 7)));
    }

    /** All bits of a lane are set where {@code this == b}. */
    public U8x16 eq(U8x16 b) {
        return with(b, (int x, int y) -> mask(x == y));
    }

    /** All bits of a lane are set where {@code this != b}. */
    public U8x16 ne(U8x16 b) {
        return with(b, (int x, int y) -> mask(x != y));
    }

    /** All bits of a lane are set where {@code this < b}. */
    public U8x16 lt(U8x16 b) {
        return with(b, (int x, int y) -> mask(x < y));
    }

    /** All bits of a lane are set where {@code this <= b}. */
    public U8x16 le(U8x16 b) {
        return with(b, (int x, int y) -> mask(x <= y));
    }

    /** All bits of a lane are set where {@code this > b}. */
    public U8x16 gt(U8x16 b) {
        return with(b, (int x, int y) -> mask(x > y));
    }

    /** All bits of a lane are set where {@code this >= b}. */
    public U8x16 ge(U8x16 b) {
        return with(b, (int x, int y) -> mask(x >= y));
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    public static U8x16 select(U8x16 mask, U8x16 a, U8x16 b) {
        return new U8x16(choose(mask, a, b));
    }

    /** Whether any bit is set. */
    public boolean anyTrue() {
        return any();
    }

    /** @param lane 0..15, a constant */
    public int extractLane(int lane) {
        return u8(lane);
    }

    /** @param lane 0..15, a constant */
    public U8x16 replaceLane(int lane, int value) {
        return new U8x16(of8((int i) -> i == lane ? value : u8(i)));
    }

    /** Lanes of a (0..15) and b (16..31); the indices are constants. */
    public static U8x16 shuffle(U8x16 a, U8x16 b, int i0, int i1, int i2, int i3, int i4, int i5, int i6, int i7,
            int i8, int i9, int i10, int i11, int i12, int i13, int i14, int i15) {
        return new U8x16(pick(a, b, i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15));
    }

    /** The bytes at the indices; 0 where an index is 16 or more. */
    public U8x16 swizzle(U8x16 indices) {
        return new U8x16(at(indices));
    }

    /** The bytes at the indices, which must be 0..15: faster than {@link #swizzle} in a relaxed module. */
    public U8x16 lookup(U8x16 indices) {
        return new U8x16(at(indices));
    }

    /** The lanes of a, then those of b, unsigned saturating. */
    public static U8x16 narrow(I16x8 a, I16x8 b) {
        return new U8x16(of8((int i) -> clamp(i < 8 ? a.i16(i) : b.i16(i - 8), 0, 255)));
    }

    /** The low 8 lanes, unsigned. */
    public I16x8 toI16Low() {
        return new I16x8(of16((int i) -> u8(i)));
    }

    /** The high 8 lanes, unsigned. */
    public I16x8 toI16High() {
        return new I16x8(of16((int i) -> u8(i + 8)));
    }

    /** Products of the low 8 lanes. */
    public I16x8 extmulLow(U8x16 b) {
        return new I16x8(of16((int i) -> u8(i) * b.u8(i)));
    }

    /** Products of the high 8 lanes. */
    public I16x8 extmulHigh(U8x16 b) {
        return new I16x8(of16((int i) -> u8(i + 8) * b.u8(i + 8)));
    }

    /** Sums of two neighbours. */
    public I16x8 extaddPairwise() {
        return new I16x8(of16((int i) -> u8(2 * i) + u8(2 * i + 1)));
    }

    public I32x4 asI32x4() {
        return new I32x4(bytes);
    }

    public I16x8 asI16x8() {
        return new I16x8(bytes);
    }

    public I8x16 asI8x16() {
        return new I8x16(bytes);
    }

    public F32x4 asF32x4() {
        return new F32x4(bytes);
    }

    @Override
    public String toString() {
        return "U8x16" + IntStream.range(0, 16).map(this::u8).boxed().toList();
    }
}
