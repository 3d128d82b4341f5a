package dev.crema.graph.pass;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts plain ops together to those of {@link Op.Fused}, which a GPU runs as one kernel: the norm before a projection and the bias, residual
 * or gate after it, q, k and v in one, and all between them and the heads' output. An op disappears into another only where nobody else
 * reads its value and the graph does not hand it out; whatever does not fit stays as it is. Values keep their names.
 */
public final class Fusion {
    private final Graph graph;
    private final Uses uses;
    /** The fused form that ends with the op that makes a value, by that value. */
    private final Map<Value, Match> matches = new HashMap<>();
    /** Ops that disappear, by the value that they made. */
    private final List<Value> inner = new ArrayList<>();

    private Fusion(Graph graph) {
        this.graph = graph;
        uses = new Uses(graph);
    }

    /** The same computation in fewer ops. */
    public static Graph of(Graph graph) {
        var fusion = new Fusion(graph);
        fusion.match();
        return fusion.rewrite();
    }

    /** Attention and gates first: they claim projections of which several share one norm. */
    private void match() {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Attention attention && attention.causal() && attention.v() != null) {
                add(op, AttentionMatch.of(attention, uses));
            } else if (op instanceof Op.Gated gated) {
                add(op, ProjectionMatch.gated(gated, uses));
            }
        }
        for (Op op : graph.ops()) {
            if (op instanceof Op.Add sum) {
                add(op, ProjectionMatch.residual(sum, uses, inner));
            }
        }
        for (Op op : graph.ops()) {
            if (op instanceof Op.MatMul matMul && !inner.contains(op.out())) {
                add(op, ProjectionMatch.alone(matMul, uses));
            }
        }
    }

    private void add(Op op, Match match) {
        if (match != null) {
            matches.put(op.out(), match);
            inner.addAll(match.inner());
        }
    }

    private Graph rewrite() {
        var to = new GraphBuilder(graph.name()).kv(graph.kv());
        var renamed = new Renamed(to);
        for (Value input : graph.inputs()) {
            renamed.put(input, to.input(input.name(), input.shape()));
        }
        for (Op op : graph.ops()) {
            Match match = matches.get(op.out());
            if (match != null) {
                renamed.put(op.out(), match.emit(renamed));
            } else if (!inner.contains(op.out())) {
                renamed.put(op.out(), renamed.copy(op));
            }
        }
        for (Value output : graph.outputs()) {
            to.output(renamed.of(output));
        }
        return to.build(renamed.of(graph.logits()), renamed.of(graph.tokens()));
    }

    /** A group of ops and what takes their place. */
    interface Match {
        /** Values of the group but the last. */
        List<Value> inner();

        /** Adds the fused ops to the graph that is being built; the value that stands for the group's last. */
        Value emit(Renamed renamed);
    }
}
