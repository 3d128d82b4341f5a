/**
 * Vectors of 128 bits and a linear memory, in which the CPU kernels of the browser are written.
 *
 * <p>The plain Java bodies here define each operation. They allocate and are slow: they are for tests. The goal {@code lanes} of the
 * compiler plugin reads the class files of kernels and turns them into Wasm, where a vector is a {@code v128} and nearly every operation
 * one instruction. Methods here that are written with other methods of this package ({@code F32x4.sum}) are compiled as kernels are.
 *
 * <p>Kernels are static methods over these types, {@code int}, {@code long}, {@code float}, {@code double}, {@code boolean}, and the narrow
 * integers as locals: loops, conditions, arithmetic, constants ({@code static final} primitives), calls of other static methods,
 * {@code Math.min/max/abs/sqrt/floor/ceil/rint}, and {@code Float.floatToRawIntBits/intBitsToFloat}. There are no arrays, objects,
 * exceptions, strings or {@code switch} over those. Lane numbers and the indices of {@code shuffle} are constants.
 */
package dev.crema.lanes;
