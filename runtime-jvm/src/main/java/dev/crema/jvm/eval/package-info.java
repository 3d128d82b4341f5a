/**
 * How good a model is on a text, and what number formats cost: perplexity, divergence from another model, multiple choice, and a sweep over formats
 * and sampling. {@link dev.crema.jvm.eval.Scorer} computes log-probabilities; the rest adds them up.
 */
package dev.crema.jvm.eval;
