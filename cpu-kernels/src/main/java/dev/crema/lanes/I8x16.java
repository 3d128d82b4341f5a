package dev.crema.lanes;

import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;

/** Sixteen signed numbers of 8 bits; sums wrap. */
public final class I8x16 extends Bits {
    I8x16(byte[] bytes) {
        super(bytes);
    }

    private I8x16 with(I8x16 b, IntBinaryOperator operator) {
        return new I8x16(of8((int i) -> operator.applyAsInt(i8(i), b.i8(i))));
    }

    public static I8x16 zero() {
        return splat(0);
    }

    /** The low 8 bits of the value in all lanes. */
    public static I8x16 splat(int value) {
        return new I8x16(of8((int i) -> value));
    }

    public static I8x16 load(int address) {
        return load(Integer.toUnsignedLong(address));
    }

    public static I8x16 load(long address) {
        return new I8x16(of8((int i) -> Memory.loadI8(address + i)));
    }

    /** The 8 bits at the address in all lanes. */
    public static I8x16 loadSplat(int address) {
        return splat(Memory.loadI8(address));
    }

    /** The 8 bits at the address in all lanes. */
    public static I8x16 loadSplat(long address) {
        return splat(Memory.loadI8(address));
    }

    /** 8 bytes into the low half, zeros into the high one. */
    public static I8x16 loadLow(int address) {
        return loadLow(Integer.toUnsignedLong(address));
    }

    /** 8 bytes into the low half, zeros into the high one. */
    public static I8x16 loadLow(long address) {
        return new I8x16(of8((int i) -> i < 8 ? Memory.loadI8(address + i) : 0));
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

    public I8x16 add(I8x16 b) {
        return with(b, (int x, int y) -> x + y);
    }

    public I8x16 sub(I8x16 b) {
        return with(b, (int x, int y) -> x - y);
    }

    public I8x16 addSaturate(I8x16 b) {
        return with(b, (int x, int y) -> clamp(x + y, -128, 127));
    }

    public I8x16 subSaturate(I8x16 b) {
        return with(b, (int x, int y) -> clamp(x - y, -128, 127));
    }

    public I8x16 min(I8x16 b) {
        return with(b, Math::min);
    }

    public I8x16 max(I8x16 b) {
        return with(b, Math::max);
    }

    public I8x16 neg() {
        return new I8x16(of8((int i) -> -i8(i)));
    }

    /** The least number stays what it is. */
    public I8x16 abs() {
        return new I8x16(of8((int i) -> Math.abs(i8(i))));
    }

    public I8x16 and(I8x16 b) {
        return new I8x16(bitwise(this, b, (int x, int y) -> x & y));
    }

    public I8x16 or(I8x16 b) {
        return new I8x16(bitwise(this, b, (int x, int y) -> x | y));
    }

    public I8x16 xor(I8x16 b) {
        return new I8x16(bitwise(this, b, (int x, int y) -> x ^ y));
    }

    /** {@code this & ~b}. */
    public I8x16 andNot(I8x16 b) {
        return new I8x16(bitwise(this, b, (int x, int y) -> x & ~y));
    }

    public I8x16 not() {
        return new I8x16(of8((int i) -> ~i8(i)));
    }

    /** @param count its low 3 bits count */
    public I8x16 shl(int count) {
        return new I8x16(of8((int i) -> i8(i) << (count & 7)));
    }

    /** Copies of the sign come in. */
    public I8x16 shr(int count) {
        return new I8x16(of8((int i) -> i8(i) >> (count & 7)));
    }

    /** Zeros come in. */
    public I8x16 shrU(int count) {
        return new I8x16(of8((int i) -> u8(i) >> (count & 7)));
    }

    /** All bits of a lane are set where {@code this == b}. */
    public I8x16 eq(I8x16 b) {
        return with(b, (int x, int y) -> mask(x == y));
    }

    /** All bits of a lane are set where {@code this != b}. */
    public I8x16 ne(I8x16 b) {
        return with(b, (int x, int y) -> mask(x != y));
    }

    /** All bits of a lane are set where {@code this < b}. */
    public I8x16 lt(I8x16 b) {
        return with(b, (int x, int y) -> mask(x < y));
    }

    /** All bits of a lane are set where {@code this <= b}. */
    public I8x16 le(I8x16 b) {
        return with(b, (int x, int y) -> mask(x <= y));
    }

    /** All bits of a lane are set where {@code this > b}. */
    public I8x16 gt(I8x16 b) {
        return with(b, (int x, int y) -> mask(x > y));
    }

    /** All bits of a lane are set where {@code this >= b}. */
    public I8x16 ge(I8x16 b) {
        return with(b, (int x, int y) -> mask(x >= y));
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    public static I8x16 select(I8x16 mask, I8x16 a, I8x16 b) {
        return new I8x16(choose(mask, a, b));
    }

    /** Whether any bit is set. */
    public boolean anyTrue() {
        return any();
    }

    /** @param lane 0..15, a constant */
    public int extractLane(int lane) {
        return i8(lane);
    }

    /** @param lane 0..15, a constant */
    public I8x16 replaceLane(int lane, int value) {
        return new I8x16(of8((int i) -> i == lane ? value : i8(i)));
    }

    /** Lanes of a (0..15) and b (16..31); the indices are constants. */
    public static I8x16 shuffle(I8x16 a, I8x16 b, int i0, int i1, int i2, int i3, int i4, int i5, int i6, int i7,
            int i8, int i9, int i10, int i11, int i12, int i13, int i14, int i15) {
        return new I8x16(pick(a, b, i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, i10, i11, i12, i13, i14, i15));
    }

    /** The bytes at the indices; 0 where an index is 16 or more. */
    public I8x16 swizzle(U8x16 indices) {
        return new I8x16(at(indices));
    }

    /** The bytes at the indices, which must be 0..15: faster than {@link #swizzle} in a relaxed module. */
    public I8x16 lookup(U8x16 indices) {
        return new I8x16(at(indices));
    }

    /** The lanes of a, then those of b, saturating. */
    public static I8x16 narrow(I16x8 a, I16x8 b) {
        return new I8x16(of8((int i) -> clamp(i < 8 ? a.i16(i) : b.i16(i - 8), -128, 127)));
    }

    /** The low 8 lanes, signed. */
    public I16x8 toI16Low() {
        return new I16x8(of16((int i) -> i8(i)));
    }

    /** The high 8 lanes, signed. */
    public I16x8 toI16High() {
        return new I16x8(of16((int i) -> i8(i + 8)));
    }

    /** Products of the low 8 lanes. */
    public I16x8 extmulLow(I8x16 b) {
        return new I16x8(of16((int i) -> i8(i) * b.i8(i)));
    }

    /** Products of the high 8 lanes. */
    public I16x8 extmulHigh(I8x16 b) {
        return new I16x8(of16((int i) -> i8(i + 8) * b.i8(i + 8)));
    }

    /** Sums of two neighbours. */
    public I16x8 extaddPairwise() {
        return new I16x8(of16((int i) -> i8(2 * i) + i8(2 * i + 1)));
    }

    /**
     * The accumulator plus the sums of the products of four neighbours. One instruction in a relaxed module.
     *
     * @param sevenBit 0..127 in each lane; what comes of others is unspecified
     */
    public I32x4 dot7(I8x16 sevenBit, I32x4 accumulator) {
        return new I32x4(of32((int i) -> accumulator.i32(i) + i8(4 * i) * sevenBit.i8(4 * i) + i8(4 * i + 1) * sevenBit.i8(4 * i + 1)
            + i8(4 * i + 2) * sevenBit.i8(4 * i + 2) + i8(4 * i + 3) * sevenBit.i8(4 * i + 3)));
    }

    /**
     * As {@link #dot7}, but which lane of the result a product goes to is unspecified: only the sum of all four is. Much faster than
     * {@code dot7} in a module that is not relaxed, the same in one that is.
     */
    public I32x4 dot7Any(I8x16 sevenBit, I32x4 accumulator) {
        return dot7(sevenBit, accumulator);
    }

    /**
     * The sums of the products of two neighbours. One instruction in a relaxed module.
     *
     * @param sevenBit 0..127 in each lane; what comes of others is unspecified
     */
    public I16x8 dot7Pairs(I8x16 sevenBit) {
        return new I16x8(of16((int i) -> i8(2 * i) * sevenBit.i8(2 * i) + i8(2 * i + 1) * sevenBit.i8(2 * i + 1)));
    }

    public I32x4 asI32x4() {
        return new I32x4(bytes);
    }

    public I16x8 asI16x8() {
        return new I16x8(bytes);
    }

    public U8x16 asU8x16() {
        return new U8x16(bytes);
    }

    public F32x4 asF32x4() {
        return new F32x4(bytes);
    }

    @Override
    public String toString() {
        return "I8x16" + IntStream.range(0, 16).map(this::i8).boxed().toList();
    }
}
