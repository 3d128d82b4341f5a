/**
 * The converter: a checkpoint in any format that Crema reads becomes a GGUF file, or parts of one with a manifest for static hosting, with its matrices
 * in another number format. {@link dev.crema.jvm.convert.Conversion} does it; what goes where is decided before the first byte is written.
 */
package dev.crema.jvm.convert;
