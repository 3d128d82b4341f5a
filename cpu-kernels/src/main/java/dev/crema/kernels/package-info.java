/**
 * The CPU kernels of the browser, written over {@link dev.crema.lanes} and compiled to Wasm SIMD; on the JVM the same methods run as plain Java.
 *
 * <p>Every kernel has the signature {@code (int args, int part, int parts, int scratch)}. {@code args} is the address of the kernel's operands, one
 * word each, in the order in which the kernel's comment lists them; {@code x*} there is the address of a word that holds x and changes from step to step,
 * an operand in brackets is 0 where there is none. The work is cut into {@code parts}, which may run at the same time, each with {@code scratch}
 * memory of its own ({@link Scratch}). Matrices are f32 and stand row after row without gaps, unless said otherwise; formats of
 * weights are ggml's ids (dev.crema.tensor.DType).
 *
 * <p>In a 64-bit memory all but weights stands below 2 GB, so that an {@code int} is an address there and stays one as a {@code long}. The operand that
 * is a weight counts units of 64 bytes.
 */
package dev.crema.kernels;
