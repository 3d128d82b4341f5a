package dev.crema.graph;

/**
 * The text form of a graph: what the golden files hold and what errors quote. One op a line: id, name, type, and how it is made, from
 * values, weights and attributes:
 * <pre>
 * %3 layers.0.q f32[tokens,256] = matMul %2, "model.layers.0.self_attn.q_proj.weight" f16[256,256]
 * </pre>
 */
final class GraphText {
    private GraphText() { }

    static String of(Graph graph) {
        var text = new StringBuilder("graph ").append(graph.name()).append('\n');
        KvLayout kv = graph.kv();
        if (kv != null) {
            text.append("kv ").append(kv.layers()).append(" layers, ").append(kv.kvHeads()).append(" kv heads of ").append(kv.headDim());
            text.append(kv.isLatent() ? ", values their first " + kv.latent() : "").append('\n');
        }
        for (Value input : graph.inputs()) {
            text.append(declaration(input)).append(" = input\n");
        }
        for (Op op : graph.ops()) {
            text.append(of(op)).append('\n');
        }
        text.append("outputs");
        for (Value output : graph.outputs()) {
            text.append(' ').append(output);
            text.append(output.equals(graph.logits()) ? " logits" : output.equals(graph.tokens()) ? " tokens" : "");
        }
        return text.append('\n').toString();
    }

    /** The line of one op. */
    static String of(Op op) {
        return declaration(op.out()) + " = " + nameOf(op) + arguments(op);
    }

    /** {@code %3 layers.0.q f32[tokens,256]}. */
    static String declaration(Value value) {
        return value + " " + value.name() + ' ' + (value.dtype() + "").toLowerCase() + value.shape();
    }

    static String nameOf(Op op) {
        return switch (op) {
            case Op.Embed embed -> "embed";
            case Op.RmsNorm norm -> "rmsNorm";
            case Op.LayerNorm norm -> "layerNorm";
            case Op.MatMul matMul -> "matMul";
            case Op.Rope rope -> "rope";
            case Op.Attention attention -> "attention";
            case Op.Gated gated -> "gated";
            case Op.Activate activate -> "activate";
            case Op.Add add -> "add";
            case Op.Join join -> "join";
            case Op.Route route -> "route";
            case Op.ExpertMatMul matMul -> "expertMatMul";
            case Op.ExpertSum sum -> "expertSum";
            case Op.SelectRows select -> "selectRows";
            case Op.Sample sample -> "sample";
            case Op.Project project -> "project";
            case Op.GatedProject gated -> "gatedProject";
            case Op.RotaryAttention attention -> "rotaryAttention";
        };
    }

    private static String arguments(Op op) {
        var text = new StringBuilder();
        String separator = " ";
        for (Value operand : Operands.of(op)) {
            text.append(separator).append(operand);
            separator = ", ";
        }
        for (Weight weight : Operands.weightsOf(op)) {
            text.append(separator).append(weight);
            separator = ", ";
        }
        return text.append(attributes(op)).toString();
    }

    private static String attributes(Op op) {
        return switch (op) {
            case Op.Embed embed -> switch (embed.index().kind()) {
                case TOKEN -> "";
                case POSITION -> ", by position + " + embed.index().offset();
                case FIXED -> ", row " + embed.index().offset();
            };
            case Op.RmsNorm norm -> ", eps " + norm.eps();
            case Op.LayerNorm norm -> ", eps " + norm.eps();
            case Op.MatMul matMul -> "";
            case Op.Rope rope -> ", head dim " + rope.headDim() + ", " + table(rope.table());
            case Op.Attention attention -> attention(attention.layer(), attention.heads(), attention.kvHeads(), attention.headDim(),
                attention.scale(), attention.window(), attention.softcap()) + (attention.causal() ? "" : ", not causal");
            case Op.Gated gated -> ", " + (gated.activation() + "").toLowerCase();
            case Op.Activate activate -> ", " + (activate.activation() + "").toLowerCase() + (activate.inner() == 1 ? "" : ", inner " + activate.inner())
                + (activate.outer() == 1 ? "" : ", outer " + activate.outer());
            case Op.Add add -> "";
            case Op.Join join -> ", heads " + join.heads();
            case Op.Route route -> ", " + route.routing();
            case Op.ExpertMatMul matMul -> "";
            case Op.ExpertSum sum -> "";
            case Op.SelectRows select -> "";
            case Op.Sample sample -> "";
            case Op.Project project -> norm(", ", project.norm()) + (project.residual() == null ? "" : ", plus " + project.residual());
            case Op.GatedProject gated -> norm(", ", gated.norm()) + ", " + (gated.activation() + "").toLowerCase();
            case Op.RotaryAttention attention -> norm(", q ", attention.qNorm()) + norm(", k ", attention.kNorm())
                + (attention.table() == null ? "" : ", " + table(attention.table())) + attention(attention.layer(), attention.heads(),
                attention.kvHeads(), attention.headDim(), attention.scale(), attention.window(), attention.softcap());
        };
    }

    private static String attention(int layer, int heads, int kvHeads, int headDim, float scale, int window, float softcap) {
        return ", layer " + layer + ", heads " + heads + '/' + kvHeads + " of " + headDim + ", scale " + scale
            + (window == 0 ? "" : ", window " + window) + (softcap == 0 ? "" : ", soft cap " + softcap);
    }

    private static String norm(String before, Op.PreNorm norm) {
        return norm == null ? "" : before + "norm eps " + norm.eps();
    }

    private static String table(RopeTable table) {
        return '{' + table.description() + "} " + (table.interleaved() ? "neighbours" : "halves") + " of " + table.rotaryDim()
            + (table.magnitude() == 1 ? "" : ", magnitude " + table.magnitude());
    }
}
