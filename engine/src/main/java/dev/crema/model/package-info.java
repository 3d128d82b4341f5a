/**
 * Model families: each a pure function from a config and the tensors that are there to a graph. A family knows no device, no number format
 * and no file format. To add one: a file here, a line in {@link dev.crema.model.Families}, a golden graph and goldens of logits.
 */
package dev.crema.model;
