/**
 * The reference device: what each op of {@link dev.crema.graph.Op} means, one plain loop an op. Other devices are compared with it, so it
 * stays simple; it is also what runs where nothing faster can.
 */
package dev.crema.reference;
