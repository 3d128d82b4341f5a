package dev.crema.sampling;

/**
 * Everything a device needs to know to sample a row: the parameters, 64 bits of seed, and the sparse edits of logits that
 * penalties and biases of this step come to. The position comes from the sequence, so the same seed gives the same tokens in any
 * batch on any device.
 */
public record SampleSpec(SamplingParams params, long seed, LogitEdits edits) { }
