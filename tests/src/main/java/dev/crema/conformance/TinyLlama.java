package dev.crema.conformance;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.weight;

/**
 * A Llama in two layers of noise: 4 heads over 2 kv heads of 16, hidden 64, feed-forward 96, vocabulary 131. {@code extras} adds what
 * only some models have: biases, head norms, neighbouring rope pairs with factors.
 */
record TinyLlama(String name, DType format, boolean extras, int window) {
    static final int VOCAB = 131;
    private static final int HEAD = 16;
    private static final int HIDDEN = 64;

    Graph graph() {
        var g = new GraphBuilder("tinyLlama").kv(new KvLayout(2, 2, HEAD));
        Value x = g.embed("embed", matrix("embed", VOCAB, HIDDEN));
        for (int layer = 0; layer < 2; layer++) {
            x = layer(g, x, "layers." + layer + ".", layer);
        }
        Value last = g.rmsNorm("norm", g.selectRows("last", x), vector("norm", HIDDEN), 1e-5f);
        return g.buildWithSampling(g.matMul("logits", last, matrix("lm_head", VOCAB, HIDDEN), null));
    }

    private Value layer(GraphBuilder g, Value x, String at, int layer) {
        Value norm = g.rmsNorm(at + "attn_norm", x, vector(at + "attn_norm", HIDDEN), 1e-5f);
        Value q = projected(g, norm, at + "q", 4);
        Value k = projected(g, norm, at + "k", 2);
        Value v = g.matMul(at + "v", norm, matrix(at + "v", 2 * HEAD, HIDDEN), extras ? vector(at + "v_bias", 2 * HEAD) : null);
        Value seen = g.attention(at + "attn", q, k, v, layer, 4, 2, HEAD, 0.25f, window);
        Value attended = g.add(at + "attn_add", x, g.matMul(at + "o", seen, matrix(at + "o", HIDDEN, HIDDEN), null));
        Value ffn = g.rmsNorm(at + "ffn_norm", attended, vector(at + "ffn_norm", HIDDEN), 1e-5f);
        Value gated = g.gated(at + "gated", g.matMul(at + "gate", ffn, matrix(at + "gate", 96, HIDDEN), null),
            g.matMul(at + "up", ffn, matrix(at + "up", 96, HIDDEN), null), Activation.SILU);
        return g.add(at + "ffn_add", attended, g.matMul(at + "down", gated, matrix(at + "down", HIDDEN, 96), null));
    }

    /** q or k: projection, head norm, rope. */
    private Value projected(GraphBuilder g, Value x, String at, int heads) {
        Value projected = g.matMul(at, x, matrix(at, heads * HEAD, HIDDEN), extras ? vector(at + "_bias", heads * HEAD) : null);
        Value normed = extras ? g.rmsNorm(at + "_norm", projected, vector(at + "_norm", HEAD), 1e-6f) : projected;
        var table = new RopeTable("test", extras, 1, new float[] {1, 0.5f, 0.25f, 0.1f, 0.05f, 0.02f, 0.01f, 0.001f});
        return g.rope(at + "_rope", normed, HEAD, table, extras ? vector("rope_freqs", HEAD / 2) : null);
    }

    private Weight matrix(String at, int out, int in) {
        return weight(name + '/' + at, format, out, in);
    }

    private Weight vector(String at, int length) {
        return weight(name + '/' + at, DType.F32, length);
    }
}
