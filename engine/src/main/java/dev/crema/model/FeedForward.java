package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Activation;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

/** The feed-forward block of one layer: {@code down(activation(gate(x)) * up(x))}, or {@code down(activation(up(x)))} where {@code gate} is null. */
record FeedForward(Activation activation, Op.Linear gate, Op.Linear up, Op.Linear down) {
    /** {@code gate_proj, up_proj, down_proj}. */
    static FeedForward gated(Activation activation, Weights mlp, int hidden, int intermediate) {
        return new FeedForward(activation, Linears.of(mlp.in("gate_proj"), hidden, intermediate), Linears.of(mlp.in("up_proj"), hidden, intermediate),
            Linears.of(mlp.in("down_proj"), intermediate, hidden));
    }

    /** {@code gate_up_proj}, whose first half are the gate's rows, and {@code down_proj}. */
    static FeedForward fused(Activation activation, Weights mlp, int hidden, int intermediate) {
        Weights both = mlp.in("gate_up_proj");
        return new FeedForward(activation, Linears.part(both, "gate", hidden, 2 * intermediate, new int[] {0, intermediate}),
            Linears.part(both, "up", hidden, 2 * intermediate, new int[] {intermediate, intermediate}),
            Linears.of(mlp.in("down_proj"), intermediate, hidden));
    }

    /** Two layers of these names and nothing that gates. */
    static FeedForward plain(Activation activation, Weights mlp, String up, String down, int hidden, int intermediate) {
        return new FeedForward(activation, null, Linears.of(mlp.in(up), hidden, intermediate), Linears.of(mlp.in(down), intermediate, hidden));
    }

    /** x, result [rows, hidden]; the values are called {@code at + "ffn_up"} and so on. */
    Value apply(GraphBuilder g, String at, Value x) {
        if (gate == null) {
            Value wide = Linears.apply(g, at + "ffn_up", x, up); // [rows, intermediate]
            return Linears.apply(g, at + "ffn_down", g.activate(at + "ffn_act", wide, activation), down); // [rows, hidden]
        }
        Value gates = Linears.apply(g, at + "ffn_gate", x, gate); // [rows, intermediate]
        Value ups = Linears.apply(g, at + "ffn_up", x, up); // [rows, intermediate]
        return Linears.apply(g, at + "ffn_down", g.gated(at + "ffn_gated", gates, ups, activation), down); // [rows, hidden]
    }

    /** The function that the config's {@code key} names; {@code otherwise} is the default of transformers. */
    static Activation activation(Config config, String key, String otherwise) {
        String name = config.string(key, otherwise);
        return switch (name) {
            case "silu", "swish" -> Activation.SILU;
            case "gelu", "gelu_python" -> Activation.GELU;
            case "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "gelu_accurate" -> Activation.GELU_TANH;
            case "quick_gelu" -> Activation.QUICK_GELU;
            case "relu" -> Activation.RELU;
            case "relu2" -> Activation.RELU2;
            case "tanh" -> Activation.TANH;
            default -> throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's " + key + " is " + name + ", which Crema does not know.",
                "Functions are in dev.crema.graph.Activation, their names in dev.crema.model.FeedForward.");
        };
    }
}
