package dev.crema.graph;

import java.util.ArrayList;
import java.util.List;

/** What an op reads, in the order of its record: for everything that walks a graph and does not care what the op computes. */
public final class Operands {
    private Operands() { }

    /** The values that {@code op} reads; one that it reads twice stands there twice. */
    public static List<Value> of(Op op) {
        return switch (op) {
            case Op.Embed embed -> List.of();
            case Op.RmsNorm norm -> List.of(norm.x());
            case Op.LayerNorm norm -> List.of(norm.x());
            case Op.MatMul matMul -> List.of(matMul.x());
            case Op.Rope rope -> List.of(rope.x());
            case Op.Attention attention -> attention.v() == null ? List.of(attention.q(), attention.k())
                : List.of(attention.q(), attention.k(), attention.v());
            case Op.Gated gated -> List.of(gated.gate(), gated.up());
            case Op.Activate activate -> List.of(activate.x());
            case Op.Add add -> List.of(add.a(), add.b());
            case Op.Join join -> List.of(join.a(), join.b());
            case Op.Route route -> List.of(route.scores());
            case Op.ExpertMatMul matMul -> List.of(matMul.x(), matMul.routes());
            case Op.ExpertSum sum -> List.of(sum.x(), sum.routes());
            case Op.SelectRows select -> List.of(select.x());
            case Op.Sample sample -> List.of(sample.logits());
            case Op.Project project -> project.residual() == null ? List.of(project.x()) : List.of(project.x(), project.residual());
            case Op.GatedProject gated -> List.of(gated.x());
            case Op.RotaryAttention attention -> List.of(attention.qkv());
        };
    }

    /** The weights that {@code op} reads. */
    public static List<Weight> weightsOf(Op op) {
        return switch (op) {
            case Op.Embed embed -> List.of(embed.table());
            case Op.RmsNorm norm -> List.of(norm.weight());
            case Op.LayerNorm norm -> present(norm.weight(), norm.bias());
            case Op.MatMul matMul -> present(matMul.weight(), matMul.bias());
            case Op.Rope rope -> present(rope.factors());
            case Op.Attention attention -> present(attention.sinks());
            case Op.Gated gated -> List.of();
            case Op.Activate activate -> List.of();
            case Op.Add add -> List.of();
            case Op.Join join -> List.of();
            case Op.Route route -> route.bias() == null ? List.of() : List.of(route.bias());
            case Op.ExpertMatMul matMul -> present(matMul.weight(), matMul.bias());
            case Op.ExpertSum sum -> List.of();
            case Op.SelectRows select -> List.of();
            case Op.Sample sample -> List.of();
            case Op.Project project -> weightsOf(project);
            case Op.GatedProject gated -> present(weightOf(gated.norm()), gated.gate().weight(), gated.gate().bias(), gated.up().weight(),
                gated.up().bias());
            case Op.RotaryAttention attention -> present(weightOf(attention.qNorm()), weightOf(attention.kNorm()), attention.factors(),
                attention.sinks());
        };
    }

    /** Every weight that the graph reads, each once, in order of first use. */
    public static List<Weight> weightsOf(Graph graph) {
        var weights = new ArrayList<Weight>();
        for (Op op : graph.ops()) {
            for (Weight weight : weightsOf(op)) {
                if (!weights.contains(weight)) {
                    weights.add(weight);
                }
            }
        }
        return weights;
    }

    private static List<Weight> weightsOf(Op.Project project) {
        var weights = new ArrayList<>(present(weightOf(project.norm())));
        for (Op.Linear linear : project.linears()) {
            weights.addAll(present(linear.weight(), linear.bias()));
        }
        return weights;
    }

    private static Weight weightOf(Op.PreNorm norm) {
        return norm == null ? null : norm.weight();
    }

    /** Those that are not null. */
    private static List<Weight> present(Weight... weights) {
        var present = new ArrayList<Weight>();
        for (Weight weight : weights) {
            if (weight != null) {
                present.add(weight);
            }
        }
        return present;
    }
}
