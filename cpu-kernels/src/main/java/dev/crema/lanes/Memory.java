package dev.crema.lanes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The linear memory of kernels: bytes at addresses, little endian, no alignment asked for but by the atomics.
 *
 * <p>An {@code int} address is unsigned. A {@code long} address reaches beyond 4 GB in a module with a 64-bit memory; a module with
 * a 32-bit memory takes its low 32 bits. In Wasm an access outside the memory traps; on the JVM it throws.
 *
 * <p>On the JVM each thread has the memory that {@link #use} gave it.
 */
public final class Memory {
    private static final ThreadLocal<MemorySegment> CURRENT = new ThreadLocal<>();
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ATOMIC = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private Memory() {
    }

    /** Gives this thread a memory, JVM only. Atomics need one that is aligned to 4: native, or over a {@code long[]}. */
    public static void use(MemorySegment memory) {
        CURRENT.set(memory);
    }

    private static MemorySegment current() {
        MemorySegment memory = CURRENT.get();
        if (memory == null) {
            throw new IllegalStateException("this thread has no memory: call Memory.use(...) first");
        }
        return memory;
    }

    private static long unsigned(int address) {
        return Integer.toUnsignedLong(address);
    }

    public static int loadI8(int address) {
        return loadI8(unsigned(address));
    }

    public static int loadI8(long address) {
        return current().get(ValueLayout.JAVA_BYTE, address);
    }

    public static int loadU8(int address) {
        return loadU8(unsigned(address));
    }

    public static int loadU8(long address) {
        return loadI8(address) & 0xff;
    }

    public static int loadI16(int address) {
        return loadI16(unsigned(address));
    }

    public static int loadI16(long address) {
        return current().get(I16, address);
    }

    public static int loadU16(int address) {
        return loadU16(unsigned(address));
    }

    public static int loadU16(long address) {
        return loadI16(address) & 0xffff;
    }

    public static int loadI32(int address) {
        return loadI32(unsigned(address));
    }

    public static int loadI32(long address) {
        return current().get(I32, address);
    }

    public static long loadI64(int address) {
        return loadI64(unsigned(address));
    }

    public static long loadI64(long address) {
        return current().get(I64, address);
    }

    public static float loadF32(int address) {
        return loadF32(unsigned(address));
    }

    public static float loadF32(long address) {
        return Float.intBitsToFloat(loadI32(address));
    }

    /** The binary16 at the address, exact. */
    public static float loadF16(int address) {
        return f16(loadU16(address));
    }

    /** The binary16 at the address, exact. */
    public static float loadF16(long address) {
        return f16(loadU16(address));
    }

    /** As {@link #loadF16} and faster; infinity and NaN become numbers of 65536 and above. */
    public static float loadF16Finite(int address) {
        return Float.intBitsToFloat(loadI16(address) << 13 & 0x8fffe000) * 0x1p112f;
    }

    /** As {@link #loadF16} and faster; infinity and NaN become numbers of 65536 and above. */
    public static float loadF16Finite(long address) {
        return Float.intBitsToFloat(loadI16(address) << 13 & 0x8fffe000) * 0x1p112f;
    }

    /** The float with the value of the binary16 in the low 16 bits; exact, infinity and NaN stay what they are. */
    public static float f16(int half) {
        int signed = half << 16 >> 3 & 0x8fffe000;
        float value = Float.intBitsToFloat(signed) * 0x1p112f; // moves the exponent's bias, and makes subnormals normal
        int special = (signed & 0x0f800000) == 0x0f800000 ? 0x7f800000 : 0;
        return Float.intBitsToFloat(Float.floatToRawIntBits(value) | special);
    }

    /** The nearest binary16 in the low 16 bits, ties to even; too large becomes infinite, NaN stays NaN. */
    public static int toF16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        int rebased = magnitude - 0x38000000;
        int normal = (rebased + 0xfff + (rebased >>> 13 & 1)) >>> 13;
        // Adding 0.5 aligns the fraction of a subnormal so that the float unit does the rounding.
        int subnormal = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
        int finite = magnitude < 0x38800000 ? subnormal : normal;
        int special = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
        return sign | (magnitude >= 0x477ff000 ? special : finite);
    }

    public static void storeI8(int address, int value) {
        storeI8(unsigned(address), value);
    }

    public static void storeI8(long address, int value) {
        current().set(ValueLayout.JAVA_BYTE, address, (byte) value);
    }

    public static void storeI16(int address, int value) {
        storeI16(unsigned(address), value);
    }

    public static void storeI16(long address, int value) {
        current().set(I16, address, (short) value);
    }

    public static void storeI32(int address, int value) {
        storeI32(unsigned(address), value);
    }

    public static void storeI32(long address, int value) {
        current().set(I32, address, value);
    }

    public static void storeI64(int address, long value) {
        storeI64(unsigned(address), value);
    }

    public static void storeI64(long address, long value) {
        current().set(I64, address, value);
    }

    public static void storeF32(int address, float value) {
        storeF32(unsigned(address), value);
    }

    public static void storeF32(long address, float value) {
        storeI32(address, Float.floatToRawIntBits(value));
    }

    /** Stores the nearest binary16, as {@link #toF16}. */
    public static void storeF16(int address, float value) {
        storeI16(address, toF16(value));
    }

    /** Stores the nearest binary16, as {@link #toF16}. */
    public static void storeF16(long address, float value) {
        storeI16(address, toF16(value));
    }

    /** Copies bytes; the ranges may overlap. */
    public static void copy(int to, int from, int bytes) {
        copy(unsigned(to), unsigned(from), unsigned(bytes));
    }

    /** Copies bytes; the ranges may overlap. */
    public static void copy(long to, long from, long bytes) {
        MemorySegment.copy(current(), from, current(), to, bytes);
    }

    /** Sets bytes to the low 8 bits of the value. */
    public static void fill(int address, int value, int bytes) {
        fill(unsigned(address), value, unsigned(bytes));
    }

    /** Sets bytes to the low 8 bits of the value. */
    public static void fill(long address, int value, long bytes) {
        current().asSlice(address, bytes).fill((byte) value);
    }

    /** Sequentially consistent, as all atomics here; the address is a multiple of 4. */
    public static int atomicLoad(int address) {
        return (int) ATOMIC.getVolatile(current(), unsigned(address));
    }

    public static void atomicStore(int address, int value) {
        ATOMIC.setVolatile(current(), unsigned(address), value);
    }

    /** Adds to the number in memory and returns what it was. */
    public static int atomicAdd(int address, int value) {
        return (int) ATOMIC.getAndAdd(current(), unsigned(address), value);
    }

    /** Stores the replacement if the number is the expected one, and returns what it was. */
    public static int atomicCompareExchange(int address, int expected, int replacement) {
        return (int) ATOMIC.compareAndExchange(current(), unsigned(address), expected, replacement);
    }

    /**
     * Sleeps while the number is the expected one, until {@link #notifyWaiters}. In Wasm it traps where the memory isn't shared, and on a
     * browser's main thread. On the JVM it may return early: test the number again.
     *
     * @param nanos longest sleep; negative for ever
     * @return 0 woken, 1 the number was another, 2 the time was up
     */
    public static int waitOn(int address, int expected, long nanos) {
        if (atomicLoad(address) != expected) {
            return 1;
        }
        long start = System.nanoTime();
        while (atomicLoad(address) == expected) {
            if (nanos >= 0 && System.nanoTime() - start >= nanos) {
                return 2;
            }
            Thread.onSpinWait();
        }
        return 0;
    }

    /** Wakes at most this many threads that {@link #waitOn} the address, and returns how many; on the JVM, where they spin, always 0. */
    public static int notifyWaiters(int address, int most) {
        atomicLoad(address);
        return 0;
    }
}
