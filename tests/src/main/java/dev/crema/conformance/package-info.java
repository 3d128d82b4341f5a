/**
 * The conformance suite: what every device must do, as cases with names like {@code kernels/rmsNorm/f32/rows3_c257}. A case builds a small graph
 * around one op, fills it with seeded noise, runs it on the reference device and on the device under test, and compares all outputs;
 * rows beyond the batch are poisoned and must stay as they were. {@code invariants/...} compare a device with itself: a prefill with
 * single steps, a fork with recomputing, a batch with its members.
 *
 * <p>{@link dev.crema.conformance.Conformance} lists, checks and measures cases and tells which a device supports. It runs under JUnit
 * and, compiled by TeaVM, in a page, so it keeps to the language and library that TeaVM has.
 */
package dev.crema.conformance;
