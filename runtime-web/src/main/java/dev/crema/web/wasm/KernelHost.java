package dev.crema.web.wasm;

import org.teavm.jso.typedarrays.Uint8Array;

import java.util.List;

/**
 * The linear memory, the kernels and the threads that run them. Addresses are unsigned. Everything is done when a method returns; one caller
 * at a time.
 */
public interface KernelHost extends AutoCloseable {
    /** Below this address the memory belongs to the host. */
    int RESERVED_BYTES = 4096;

    /** What it is, for {@code DeviceInfo.name}: {@code 4 threads with relaxed SIMD}. */
    String name();

    /** What the kernels use of the processor and the browser, for {@code DeviceInfo.features}. */
    List<String> features();

    int threads();

    /** Makes the memory at least so large; false where it can't be. What was there stays. */
    boolean grow(long bytes);

    /** Bytes that the memory has at most. */
    long maxBytes();

    /** Whether it is a 64-bit memory. */
    boolean wide();

    /** Takes a 64-bit memory in place of this one, while nothing is in it; false where there is none. */
    boolean awaitWiden();

    /** The number of a kernel in programs, or -1. */
    int kernel(String name);

    /**
     * Runs {@code count} kernels one after the other, each in as many parts as there are threads: pairs of words at {@code program}, a kernel's number
     * and the address of its operands. A thread's scratch memory is {@code scratch + thread * scratchBytes}.
     */
    void run(int program, int count, int scratch, int scratchBytes);

    void writeInts(int address, int[] values, int count);

    void writeFloats(int address, float[] values, int count);

    void writeBytes(long address, byte[] values, int count);

    /** Writes {@code count} bytes of a chunk from {@code from} on, without a Java array between. */
    void write(long address, Uint8Array chunk, int from, int count);

    int[] readInts(int address, int count);

    float[] readFloats(int address, int count);

    byte[] readBytes(int address, int count);

    /** Stops the threads and gives the memory up. Closing twice is harmless. */
    @Override
    void close();
}
