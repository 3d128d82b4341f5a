package dev.crema.graph;

/** The executable spec of the IR: what a graph must hold before any device sees it. */
public final class Verifier {
    private Verifier() { }

    /** Throws {@code INVALID_GRAPH}, naming the op and the numbers, where the graph breaks a rule of the IR. */
    public static void verify(Graph graph) {
    }
}
