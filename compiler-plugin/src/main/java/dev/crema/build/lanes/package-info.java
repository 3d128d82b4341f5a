/**
 * A compiler from Java class files to Wasm with SIMD, for the CPU kernels of the browser (goal {@code lanes}).
 *
 * <p><b>What it takes</b> is told in {@code dev.crema.lanes}: static methods over vectors, primitives and a linear memory. All else is a
 * build error with class, method and line. Whole numbers behave as in Java; dividing by zero traps, and so does an access outside the
 * memory.
 *
 * <p><b>The intermediate representation</b> ({@code ir}) is static single assignment form. A {@code Function} has {@code Block}s with
 * parameters in the place of phi instructions; a block holds instructions and ends with a jump, a branch or a return. Instructions bear
 * the names of Wasm's text format; a few are our own ({@code f32x4.fma}, {@code i8x16.lookup}, {@code i32x4.dot7}) until they are lowered to
 * what a module may use. {@code Printer} prints it:
 *
 * <pre>
 * function Sum.of(II)F(%0: i32, %1: i32) -> f32 export sum_of
 * b0:
 *     %2 = f32.const 0
 *     jump b1(%2 %0)
 * b1(%3: f32, %4: i32):
 *     %5 = i32.lt_s %4 %1
 *     branch %5 b2 b3
 * </pre>
 *
 * <p><b>The way</b>: {@code read} makes a function of each kernel and of what it calls, from bytecode and its stack maps. {@code pass} inlines
 * calls, then folds constants, joins blocks, makes selects of small branches, finds common subexpressions, drops what is dead and moves
 * what is invariant out of loops; for each target it lowers the instructions and folds constants into the offsets of accesses. {@code write}
 * recovers structured control flow from the dominator tree, keeps on Wasm's stack what is used once, and gives locals to the rest.
 */
package dev.crema.build.lanes;
