package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Operands;
import dev.crema.graph.Value;

import java.util.List;

/** The part of a model's graph that ends where its head reads: what an embedding is made of. */
final class HiddenStates {
    private HiddenStates() { }

    /**
     * A graph whose one output is [outputs, hidden] (or [tokens, hidden]), under the names and with the weights of {@code graph}. A graph
     * without logits, an encoder's, is one already.
     */
    static Graph of(Graph graph) {
        if (graph.logits() == null) {
            return graph;
        }
        Value hidden = headInput(graph);
        for (int i = 0; hidden != null && i < graph.ops().size(); i++) {
            if (graph.ops().get(i).out().equals(hidden)) {
                return new Graph(graph.name() + "-hidden", graph.inputs(), graph.ops().subList(0, i + 1), List.of(hidden), null, null, graph.kv());
            }
        }
        throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model has no hidden states from which its logits are computed.",
            "Use a model for embeddings.");
    }

    /** Whether a token's state does not depend on what comes after it. */
    static boolean isCausal(Graph graph) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Attention attention && !attention.causal()) {
                return false;
            }
        }
        return true;
    }

    /** What the mat-mul to the vocabulary reads; between it and the logits are only ops of one operand (scales, soft caps). */
    private static Value headInput(Graph graph) {
        Value value = graph.logits();
        for (int i = graph.ops().size() - 1; i >= 0; i--) {
            Op op = graph.ops().get(i);
            if (op.out().equals(value)) {
                if (op instanceof Op.MatMul head) {
                    return head.x();
                }
                List<Value> read = Operands.of(op);
                if (read.size() != 1) {
                    return null;
                }
                value = read.get(0);
            }
        }
        return null;
    }
}
