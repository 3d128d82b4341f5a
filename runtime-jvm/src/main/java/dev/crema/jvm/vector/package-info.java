/**
 * The CPU device of the JVM, on the Vector API (JEP 508). Weights stay in the checkpoint's number format: where the checkpoint has them, usually in a
 * mapped file, or repacked ({@link dev.crema.jvm.vector.Packed}) where that is faster. They are decoded in registers, or into panels that stay in the
 * first cache.
 *
 * <ul>
 * <li>Few rows (decode, a few sequences at once): {@link dev.crema.jvm.vector.MatVec} or, of packed weights, {@link dev.crema.jvm.vector.PackedDot} with x
 * in whole numbers; bound by memory: each weight is read once.
 * <li>More rows (prefill): {@link dev.crema.jvm.vector.IntGemm} for packed weights of four bits and eight, else {@link dev.crema.jvm.vector.Gemm}, bound by arithmetic:
 * panels of output features times tiles of 6 rows, or 4.
 * <li>Attention uses the same tiles over a cache that is kept in panels ({@link dev.crema.jvm.vector.PanelCache}).
 * </ul>
 *
 * C2 keeps vectors in registers only where it inlines everything, so loops are small: one stream of weights a loop, species and
 * shapes constant, no vector across a call that is not inlined. And what goes from one round of a loop to the next is an argument, never the vector whose
 * method is called ({@code product.add(sum)}, not {@code sum.add(product)}): C2 knows the class of what was just made, of the other it may not, and then
 * calls a method of unknown class with objects.
 */
package dev.crema.jvm.vector;
