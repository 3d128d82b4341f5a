package dev.crema.conformance;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.model.Experts;
import dev.crema.model.Experts.Projection;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.weight;

/**
 * A mixture of experts in two layers of noise: 4 heads over 2 kv heads of 16, hidden 64, vocabulary 131. The first layer is Mixtral's kind, two of
 * eight experts; the second DeepSeek-V3's, three of twelve in groups, with a choice that is biased and an expert that all tokens share.
 */
record TinyMixture(String name, DType format) {
    private static final int VOCAB = TinyLlama.VOCAB;
    private static final int HEAD = 16;
    private static final int HIDDEN = 64;
    private static final int INTERMEDIATE = 32;

    Graph graph() {
        var g = new GraphBuilder("tinyMixture").kv(new KvLayout(2, 2, HEAD));
        Value x = g.embed("embed", weight(name + "/embed", format, VOCAB, HIDDEN));
        x = attend(g, x, "layers.0.", 0);
        Value first = norm(g, "layers.0.ffn_norm", x);
        x = g.add("layers.0.ffn_add", x, experts("layers.0.", 8, null, Routing.softmax(2, true)).feedForward(g, "layers.0.", first));
        x = attend(g, x, "layers.1.", 1);
        Value second = norm(g, "layers.1.ffn_norm", x);
        var routing = new Routing(3, Scoring.SIGMOID, true, 1.5f, 4, 2, 2);
        Value routed = experts("layers.1.", 12, vector("layers.1.choice_bias", 12), routing).feedForward(g, "layers.1.", second);
        x = g.add("layers.1.ffn_add", g.add("layers.1.shared_add", x, routed), shared(g, "layers.1.shared_", second));
        Value last = norm(g, "norm", g.selectRows("last", x));
        return g.buildWithSampling(g.matMul("logits", last, matrix("lm_head", VOCAB, HIDDEN), null));
    }

    private Value attend(GraphBuilder g, Value x, String at, int layer) {
        Value norm = norm(g, at + "attn_norm", x);
        Value q = g.matMul(at + "q", norm, matrix(at + "q", 4 * HEAD, HIDDEN), null);
        Value k = g.matMul(at + "k", norm, matrix(at + "k", 2 * HEAD, HIDDEN), null);
        Value v = g.matMul(at + "v", norm, matrix(at + "v", 2 * HEAD, HIDDEN), null);
        Value seen = g.attention(at + "attn", q, k, v, layer, 4, 2, HEAD, 0.25f, 0);
        return g.add(at + "attn_add", x, g.matMul(at + "o", seen, matrix(at + "o", HIDDEN, HIDDEN), null));
    }

    private Experts experts(String at, int count, Weight choiceBias, Routing routing) {
        // The router stays F32, as converters leave it.
        var router = Projection.of(weight(name + '/' + at + "router", DType.F32, count, HIDDEN));
        return new Experts(router, choiceBias, biased(at + "gate_exps", count), biased(at + "up_exps", count),
            Projection.of(weight(name + '/' + at + "down_exps", format, count, HIDDEN, INTERMEDIATE)), routing, Activation.SILU);
    }

    private Projection biased(String at, int experts) {
        return new Projection(weight(name + '/' + at, format, experts, INTERMEDIATE, HIDDEN),
            weight(name + '/' + at + "_bias", DType.F16, experts, INTERMEDIATE));
    }

    private Value shared(GraphBuilder g, String at, Value x) {
        Value gated = g.gated(at + "gated", g.matMul(at + "gate", x, matrix(at + "gate", INTERMEDIATE, HIDDEN), null),
            g.matMul(at + "up", x, matrix(at + "up", INTERMEDIATE, HIDDEN), null), Activation.SILU);
        return g.matMul(at + "down", gated, matrix(at + "down", HIDDEN, INTERMEDIATE), null);
    }

    private Value norm(GraphBuilder g, String at, Value x) {
        return g.rmsNorm(at, x, vector(at, HIDDEN), 1e-5f);
    }

    private Weight matrix(String at, int out, int in) {
        return weight(name + '/' + at, format, out, in);
    }

    private Weight vector(String at, int length) {
        return weight(name + '/' + at, DType.F32, length);
    }
}
