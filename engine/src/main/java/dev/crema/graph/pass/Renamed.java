package dev.crema.graph.pass;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.HashMap;
import java.util.Map;

/** The graph that a pass builds, and which of its values stands for which of the old ones. */
final class Renamed {
    final GraphBuilder to;
    private final Map<Value, Value> values = new HashMap<>();

    Renamed(GraphBuilder to) {
        this.to = to;
    }

    void put(Value old, Value value) {
        values.put(old, value);
    }

    /** The new value; null for null. */
    Value of(Value old) {
        return values.get(old);
    }

    /** Adds an op as it is. */
    Value copy(Op op) {
        String name = op.out().name();
        return switch (op) {
            case Op.Embed embed -> to.embed(name, embed.table(), embed.index());
            case Op.RmsNorm norm -> to.rmsNorm(name, of(norm.x()), norm.weight(), norm.eps());
            case Op.LayerNorm norm -> to.layerNorm(name, of(norm.x()), norm.weight(), norm.bias(), norm.eps());
            case Op.MatMul matMul -> to.matMul(name, of(matMul.x()), matMul.weight(), matMul.bias());
            case Op.Rope rope -> to.rope(name, of(rope.x()), rope.headDim(), rope.table(), rope.factors());
            case Op.Attention a when !a.causal() -> to.attentionToAll(name, of(a.q()), of(a.k()), of(a.v()), a.layer(), a.heads(), a.kvHeads(),
                a.headDim(), a.scale());
            case Op.Attention a when a.v() == null -> to.latentAttention(name, of(a.q()), of(a.k()), a.layer(), a.heads(), a.kvHeads(), a.headDim(),
                a.scale());
            case Op.Attention a -> to.attention(name, of(a.q()), of(a.k()), of(a.v()), a.layer(), a.heads(), a.kvHeads(), a.headDim(), a.scale(),
                a.window(), a.softcap(), a.sinks());
            case Op.Gated gated -> to.gated(name, of(gated.gate()), of(gated.up()), gated.activation());
            case Op.Activate a -> to.activate(name, of(a.x()), a.activation(), a.inner(), a.outer());
            case Op.Add add -> to.add(name, of(add.a()), of(add.b()));
            case Op.Join join -> to.join(name, of(join.a()), of(join.b()), join.heads());
            case Op.Route route -> to.route(name, of(route.scores()), route.bias(), route.routing());
            case Op.ExpertMatMul matMul -> to.expertMatMul(name, of(matMul.x()), of(matMul.routes()), matMul.weight(), matMul.bias());
            case Op.ExpertSum sum -> to.expertSum(name, of(sum.x()), of(sum.routes()));
            case Op.SelectRows select -> to.selectRows(name, of(select.x()));
            case Op.Sample sample -> to.sample(name, of(sample.logits()));
            case Op.Project project -> to.project(name, of(project.x()), project.norm(), project.linears(), of(project.residual()), project.selects());
            case Op.GatedProject gated -> to.gatedProject(name, of(gated.x()), gated.norm(), gated.gate(), gated.up(), gated.activation());
            case Op.RotaryAttention attention -> to.rotaryAttention(name, of(attention.qkv()), attention);
        };
    }
}
