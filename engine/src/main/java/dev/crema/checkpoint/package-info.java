/**
 * Models as they lie on disk, in a store or behind a URL: {@link dev.crema.checkpoint.Checkpoints} finds out what is there and reads the headers, never
 * the weights. Whatever the file format, the result speaks Hugging Face's vocabulary (config keys, tensor names), so that a model family
 * is written once. Everything that a file states is checked against the file's size before memory is taken for it.
 */
package dev.crema.checkpoint;
