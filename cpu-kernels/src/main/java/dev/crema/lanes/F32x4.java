package dev.crema.lanes;

/** Four floats. Every operation works on each lane, and rounds as Java's does; NaN payloads are unspecified. */
public final class F32x4 extends Bits {
    F32x4(byte[] bytes) {
        super(bytes);
    }

    private interface Unary {
        float of(float a);
    }

    private interface Binary {
        float of(float a, float b);
    }

    private interface Test {
        boolean of(float a, float b);
    }

    private F32x4 each(Unary operator) {
        return new F32x4(of32((int i) -> Float.floatToRawIntBits(operator.of(f32(i)))));
    }

    private F32x4 with(F32x4 b, Binary operator) {
        return new F32x4(of32((int i) -> Float.floatToRawIntBits(operator.of(f32(i), b.f32(i)))));
    }

    private I32x4 where(F32x4 b, Test test) {
        return new I32x4(of32((int i) -> mask(test.of(f32(i), b.f32(i)))));
    }

    public static F32x4 zero() {
        return splat(0);
    }

    public static F32x4 splat(float value) {
        return new F32x4(of32((int i) -> Float.floatToRawIntBits(value)));
    }

    public static F32x4 load(int address) {
        return load(Integer.toUnsignedLong(address));
    }

    public static F32x4 load(long address) {
        return new F32x4(of32((int i) -> Memory.loadI32(address + 4 * i)));
    }

    /** The float at the address in all lanes. */
    public static F32x4 loadSplat(int address) {
        return splat(Memory.loadF32(address));
    }

    /** The float at the address in all lanes. */
    public static F32x4 loadSplat(long address) {
        return splat(Memory.loadF32(address));
    }

    /** Four binary16 numbers, 8 bytes, exact. */
    public static F32x4 loadF16(int address) {
        return rebased(I32x4.loadI16x4(address).shl(13));
    }

    /** Four binary16 numbers, 8 bytes, exact. */
    public static F32x4 loadF16(long address) {
        return rebased(I32x4.loadI16x4(address).shl(13));
    }

    /** As {@link #loadF16} and faster; infinity and NaN become numbers of 65536 and above. */
    public static F32x4 loadF16Finite(int address) {
        return I32x4.loadI16x4(address).shl(13).and(I32x4.splat(0x8fffe000)).asF32x4().mul(splat(0x1p112f));
    }

    /** As {@link #loadF16} and faster; infinity and NaN become numbers of 65536 and above. */
    public static F32x4 loadF16Finite(long address) {
        return I32x4.loadI16x4(address).shl(13).and(I32x4.splat(0x8fffe000)).asF32x4().mul(splat(0x1p112f));
    }

    /** The binary16 numbers in the low 16 bits of the lanes, as {@link Memory#f16}. */
    public static F32x4 f16(I32x4 halves) {
        return rebased(halves.shl(16).shr(3));
    }

    /** @param halves binary16 with its sign in bits 31 to 28, and its exponent and fraction below them */
    private static F32x4 rebased(I32x4 halves) {
        I32x4 signed = halves.and(I32x4.splat(0x8fffe000));
        I32x4 most = I32x4.splat(0x0f800000);
        I32x4 special = signed.and(most).eq(most).and(I32x4.splat(0x7f800000));
        return signed.asF32x4().mul(splat(0x1p112f)).asI32x4().or(special).asF32x4();
    }

    /** Four bfloat16 numbers, 8 bytes. */
    public static F32x4 loadBf16(int address) {
        return I32x4.loadU16x4(address).shl(16).asF32x4();
    }

    /** Four bfloat16 numbers, 8 bytes. */
    public static F32x4 loadBf16(long address) {
        return I32x4.loadU16x4(address).shl(16).asF32x4();
    }

    public void store(int address) {
        store(Integer.toUnsignedLong(address));
    }

    public void store(long address) {
        for (int i = 0; i < 4; i++) {
            Memory.storeI32(address + 4 * i, i32(i));
        }
    }

    public F32x4 add(F32x4 b) {
        return with(b, (float x, float y) -> x + y);
    }

    public F32x4 sub(F32x4 b) {
        return with(b, (float x, float y) -> x - y);
    }

    public F32x4 mul(F32x4 b) {
        return with(b, (float x, float y) -> x * y);
    }

    public F32x4 div(F32x4 b) {
        return with(b, (float x, float y) -> x / y);
    }

    /** {@code this * b + c}, rounded twice; in a relaxed module once or twice, as the processor likes. */
    public F32x4 fma(F32x4 b, F32x4 c) {
        return mul(b).add(c);
    }

    /** As {@link Math#min(float, float)}. {@link #pmin} is faster. */
    public F32x4 min(F32x4 b) {
        return with(b, Math::min);
    }

    /** As {@link Math#max(float, float)}. {@link #pmax} is faster. */
    public F32x4 max(F32x4 b) {
        return with(b, Math::max);
    }

    /** {@code b < this ? b : this}. */
    public F32x4 pmin(F32x4 b) {
        return with(b, (float x, float y) -> y < x ? y : x);
    }

    /** {@code this < b ? b : this}. */
    public F32x4 pmax(F32x4 b) {
        return with(b, (float x, float y) -> x < y ? y : x);
    }

    public F32x4 neg() {
        return new F32x4(of32((int i) -> i32(i) ^ 0x80000000));
    }

    public F32x4 abs() {
        return new F32x4(of32((int i) -> i32(i) & 0x7fffffff));
    }

    public F32x4 sqrt() {
        return each((float x) -> (float) Math.sqrt(x));
    }

    public F32x4 floor() {
        return each((float x) -> (float) Math.floor(x));
    }

    public F32x4 ceil() {
        return each((float x) -> (float) Math.ceil(x));
    }

    /** The nearest whole number, ties to even. */
    public F32x4 nearest() {
        return each((float x) -> (float) Math.rint(x));
    }

    /** Rounded towards zero; saturating, NaN becomes 0. */
    public I32x4 truncateToI32() {
        return new I32x4(of32((int i) -> (int) f32(i)));
    }

    /** Rounded to the nearest, ties to even; saturating, NaN becomes 0. */
    public I32x4 nearestToI32() {
        return nearest().truncateToI32();
    }

    public I32x4 eq(F32x4 b) {
        return where(b, (float x, float y) -> x == y);
    }

    public I32x4 ne(F32x4 b) {
        return where(b, (float x, float y) -> x != y);
    }

    public I32x4 lt(F32x4 b) {
        return where(b, (float x, float y) -> x < y);
    }

    public I32x4 le(F32x4 b) {
        return where(b, (float x, float y) -> x <= y);
    }

    public I32x4 gt(F32x4 b) {
        return where(b, (float x, float y) -> x > y);
    }

    public I32x4 ge(F32x4 b) {
        return where(b, (float x, float y) -> x >= y);
    }

    /** Bits of {@code a} where the mask has ones, of {@code b} elsewhere. */
    public static F32x4 select(I32x4 mask, F32x4 a, F32x4 b) {
        return new F32x4(choose(mask, a, b));
    }

    /** @param lane 0..3, a constant */
    public float extractLane(int lane) {
        return f32(lane);
    }

    /** @param lane 0..3, a constant */
    public F32x4 replaceLane(int lane, float value) {
        return new F32x4(of32((int i) -> i == lane ? Float.floatToRawIntBits(value) : i32(i)));
    }

    /** Lanes of a (0..3) and b (4..7); the indices are constants. */
    public static F32x4 shuffle(F32x4 a, F32x4 b, int i0, int i1, int i2, int i3) {
        return new F32x4(pick(a, b, i0, i1, i2, i3));
    }

    /** {@code (lane 0 + lane 2) + (lane 1 + lane 3)}. */
    public float sum() {
        F32x4 halves = add(shuffle(this, this, 2, 3, 0, 1));
        return halves.extractLane(0) + halves.extractLane(1);
    }

    /** The greatest lane, as {@link Math#max(float, float)}. */
    public float maxLane() {
        F32x4 halves = max(shuffle(this, this, 2, 3, 0, 1));
        return Math.max(halves.extractLane(0), halves.extractLane(1));
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

    public U8x16 asU8x16() {
        return new U8x16(bytes);
    }

    @Override
    public String toString() {
        return "F32x4[" + f32(0) + ", " + f32(1) + ", " + f32(2) + ", " + f32(3) + "]";
    }
}
