/**
 * The Wasm device: CPU kernels (dev.crema.kernels) over one linear memory that holds weights, KV cache and values. Compiling a graph writes a
 * program into that memory, a list of kernels with the addresses of their operands; a step writes the batch and has the program run, on
 * all threads. {@link dev.crema.web.wasm.KernelHost} is all that the device knows of JavaScript.
 */
package dev.crema.web.wasm;
