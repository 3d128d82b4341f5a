/**
 * The number formats that Crema computes with, as plain loops: what a format means is defined here, and every device's own reading of
 * it is tested against this. One file a format, or a few that share a layout; {@link dev.crema.quant.Quant} is the table. Layouts and
 * rounding are ggml's (ggml-common.h and ggml-quants.c), so that bytes written here equal those of llama.cpp.
 */
package dev.crema.quant;
