/** Rewrites of graphs: pure functions from a graph to one that computes the same. A device chooses which it wants when it compiles. */
package dev.crema.graph.pass;
