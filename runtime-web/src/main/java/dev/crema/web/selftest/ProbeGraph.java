package dev.crema.web.selftest;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Operands;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.quant.RandomBlocks;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One layer of a made-up model with all ops of a decoder, large enough that every form of a kernel applies: hidden 256 (one block of the largest
 * format), 4 heads over 2 kv heads of 64, feed-forward 512, vocabulary 512. Weights are noise from a fixed seed.
 */
final class ProbeGraph {
    static final int VOCAB = 512;
    private static final int HIDDEN = 256;
    private static final int HEAD = 64;
    private static final int FEED_FORWARD = 512;

    private ProbeGraph() { }

    /** With matrices in this format. */
    static Graph of(DType format) {
        var g = new GraphBuilder("probe").kv(new KvLayout(1, 2, HEAD));
        Value x = g.embed("embed", matrix("embed", format, VOCAB, HIDDEN));
        Value normed = g.rmsNorm("attn_norm", x, vector("attn_norm"), 1e-5f);
        var table = new RopeTable("probe", false, 1, frequencies());
        Value q = g.rope("q_rope", g.matMul("q", normed, matrix("q", format, 4 * HEAD, HIDDEN), null), HEAD, table, null);
        Value k = g.rope("k_rope", g.matMul("k", normed, matrix("k", format, 2 * HEAD, HIDDEN), null), HEAD, table, null);
        Value v = g.matMul("v", normed, matrix("v", format, 2 * HEAD, HIDDEN), null);
        Value heads = g.attention("attn", q, k, v, 0, 4, 2, HEAD, 0.125f, 0);
        x = g.add("attn_residual", x, g.matMul("o", heads, matrix("o", format, HIDDEN, 4 * HEAD), null));
        normed = g.rmsNorm("ffn_norm", x, vector("ffn_norm"), 1e-5f);
        Value gated = g.gated("gated", g.matMul("gate", normed, matrix("gate", format, FEED_FORWARD, HIDDEN), null),
            g.matMul("up", normed, matrix("up", format, FEED_FORWARD, HIDDEN), null), Activation.SILU);
        x = g.add("ffn_residual", x, g.matMul("down", gated, matrix("down", format, HIDDEN, FEED_FORWARD), null));
        Value last = g.rmsNorm("norm", g.selectRows("last", x), vector("norm"), 1e-5f);
        return g.buildWithSampling(g.matMul("logits", last, matrix("lm_head", format, VOCAB, HIDDEN), null));
    }

    private static float[] frequencies() {
        float[] frequencies = new float[HEAD / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(10_000, -2.0 * i / HEAD);
        }
        return frequencies;
    }

    private static Weight matrix(String name, DType format, int out, int in) {
        return new Weight("probe." + name, format, Shape.of(out, in));
    }

    private static Weight vector(String name) {
        return new Weight("probe." + name, DType.F32, Shape.of(HIDDEN));
    }

    /** The bytes of every weight. Matrices keep the size of what they multiply; norms are near 1. */
    static Map<Weight, byte[]> contents(Graph graph) {
        Map<Weight, byte[]> contents = new LinkedHashMap<>();
        var noise = new ProbeNoise(1);
        for (Weight weight : Operands.weightsOf(graph)) {
            contents.put(weight, contents(weight, noise));
        }
        return contents;
    }

    private static byte[] contents(Weight weight, ProbeNoise noise) {
        int elements = (int) weight.shape().elements();
        boolean vector = weight.shape().rank() == 1;
        float scale = vector ? 0.5f : (float) Math.sqrt(3.0 / weight.shape().last());
        if (!Quant.canQuantize(weight.dtype())) {
            return RandomBlocks.of(weight.dtype(), elements, scale / 2, noise);
        }
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = noise.next(scale) + (vector ? 1 : 0);
        }
        byte[] bytes = new byte[(int) weight.dtype().bytes(elements)];
        Quant.quantize(weight.dtype(), values, 0, bytes, 0, elements);
        return bytes;
    }
}
