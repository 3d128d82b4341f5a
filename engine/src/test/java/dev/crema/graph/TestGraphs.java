package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Graphs for tests: a small Llama, and random ones that obey the rules. */
public final class TestGraphs {
    private TestGraphs() { }

    public static Weight weight(String name, int... shape) {
        return new Weight(name, DType.F32, Shape.of(shape));
    }

    /** Two layers, 4 heads over 2 kv heads of 8, hidden 32, feed-forward 48, vocabulary 40. */
    public static Graph llama() {
        var g = new GraphBuilder("llama").kv(new KvLayout(2, 2, 8));
        var table = new RopeTable("theta 10000", false, 1, new float[] {1, 0.1f, 0.01f, 0.001f});
        Value x = g.embed("embed", weight("embed", 40, 32));
        for (int layer = 0; layer < 2; layer++) {
            String at = "layers." + layer + ".";
            Value norm = g.rmsNorm(at + "attn_norm", x, weight(at + "attn_norm", 32), 1e-5f);
            Value q = g.rope(at + "q_rope", g.matMul(at + "q", norm, weight(at + "q", 32, 32), null), 8, table, null);
            Value k = g.rope(at + "k_rope", g.matMul(at + "k", norm, weight(at + "k", 16, 32), weight(at + "k_bias", 16)), 8, table, null);
            Value v = g.matMul(at + "v", norm, weight(at + "v", 16, 32), null);
            Value attention = g.attention(at + "attn", q, k, v, layer, 4, 2, 8, 0.25f, 0);
            x = g.add(at + "attn_add", x, g.matMul(at + "o", attention, weight(at + "o", 32, 32), null));
            Value ffn = g.rmsNorm(at + "ffn_norm", x, weight(at + "ffn_norm", 32), 1e-5f);
            Value gated = g.gated(at + "gated", g.matMul(at + "gate", ffn, weight(at + "gate", 48, 32), null),
                g.matMul(at + "up", ffn, weight(at + "up", 48, 32), null), Activation.SILU);
            x = g.add(at + "ffn_add", x, g.matMul(at + "down", gated, weight(at + "down", 32, 48), null));
        }
        Value last = g.rmsNorm("norm", g.selectRows("last", x), weight("norm", 32), 1e-5f);
        return g.buildWithSampling(g.matMul("logits", last, weight("lm_head", 40, 32), null));
    }

    /** A random legal graph: values of random widths, read by random later ops, some of them outputs. */
    public static Graph random(Random random) {
        var g = new GraphBuilder("random");
        var values = new ArrayList<Value>();
        int inputs = 1 + random.nextInt(3);
        for (int i = 0; i < inputs; i++) {
            values.add(g.input("input" + i, Shape.of(random.nextBoolean() ? Shape.TOKENS : Shape.OUTPUTS, 1 + random.nextInt(20))));
        }
        int ops = 1 + random.nextInt(40);
        for (int i = 0; i < ops; i++) {
            values.add(randomOp(g, values.get(random.nextInt(values.size())), values, "op" + i, random));
        }
        int outputs = 1 + random.nextInt(3);
        for (int i = 0; i < outputs && !values.isEmpty(); i++) {
            g.output(values.remove(random.nextInt(values.size())));
        }
        return g.build();
    }

    private static Value randomOp(GraphBuilder g, Value x, List<Value> values, String name, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> {
                return g.matMul(name, x, weight(name, 1 + random.nextInt(20), x.channels()), null);
            }
            case 1 -> {
                return g.rmsNorm(name, x, weight(name, x.channels()), 0);
            }
            case 2 -> {
                if (x.shape().extent(0) == Shape.TOKENS) {
                    return g.selectRows(name, x);
                }
            }
            default -> { }
        }
        for (Value other : values) {
            if (!other.equals(x) && other.shape().equals(x.shape())) {
                return g.add(name, x, other);
            }
        }
        return g.add(name, x, x);
    }
}
