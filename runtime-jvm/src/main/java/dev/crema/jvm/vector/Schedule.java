package dev.crema.jvm.vector;

import dev.crema.graph.Graph;
import dev.crema.graph.Op;

import java.util.ArrayList;
import java.util.List;

/** The order in which ops run: mat-muls of the same x stand together, so that they can run as one task. */
final class Schedule {
    private Schedule() { }

    /** The same graph with its ops in running order; ids are no longer in order, so it is for planning memory, not for verifying. */
    static Graph of(Graph graph) {
        var ops = new ArrayList<Op>();
        for (Op op : graph.ops()) {
            ops.add(place(op, ops), op);
        }
        return new Graph(graph.name(), graph.inputs(), ops, graph.outputs(), graph.logits(), graph.tokens(), graph.kv());
    }

    /** Right after the last mat-mul of the same x: x is there, and a mat-mul reads nothing else. */
    private static int place(Op op, List<Op> ops) {
        for (int i = ops.size() - 1; i >= 0; i--) {
            if (sameX(op, ops.get(i))) {
                return i + 1;
            }
        }
        return ops.size();
    }

    static boolean sameX(Op a, Op b) {
        return a instanceof Op.MatMul left && b instanceof Op.MatMul right && left.x().equals(right.x());
    }
}
