package dev.crema.bench;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.conformance.Noise;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Device;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Operands;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/** A Llama of noise in a given shape: as fast as a real one. Embedding and output share their weight. */
record SyntheticLlama(int layers, int hidden, int heads, int kvHeads, int ffn, int vocab, DType format) {
    /** SmolLM2-135M: 134.5 M parameters. */
    static SyntheticLlama smolLm(DType format) {
        return new SyntheticLlama(30, 576, 9, 3, 1536, 49152, format);
    }

    Graph graph() {
        int headDim = hidden / heads;
        var g = new GraphBuilder("synthetic").kv(new KvLayout(layers, kvHeads, headDim));
        float[] frequencies = new float[headDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) Math.pow(10000, -2.0 * i / headDim);
        }
        var table = new RopeTable("theta 10000", false, 1, frequencies);
        Value x = g.embed("embed", weight("embed", vocab, hidden));
        for (int layer = 0; layer < layers; layer++) {
            String at = "layers." + layer + ".";
            Value norm = g.rmsNorm(at + "attn_norm", x, norm(at + "attn_norm"), 1e-5f);
            Value q = g.rope(at + "q_rope", g.matMul(at + "q", norm, weight(at + "q", hidden, hidden), null), headDim, table, null);
            Value k = g.rope(at + "k_rope", g.matMul(at + "k", norm, weight(at + "k", kvHeads * headDim, hidden), null), headDim, table, null);
            Value v = g.matMul(at + "v", norm, weight(at + "v", kvHeads * headDim, hidden), null);
            Value seen = g.attention(at + "attn", q, k, v, layer, heads, kvHeads, headDim, (float) (1 / Math.sqrt(headDim)), 0);
            x = g.add(at + "attn_add", x, g.matMul(at + "o", seen, weight(at + "o", hidden, hidden), null));
            Value inner = g.rmsNorm(at + "ffn_norm", x, norm(at + "ffn_norm"), 1e-5f);
            Value gated = g.gated(at + "gated", g.matMul(at + "gate", inner, weight(at + "gate", ffn, hidden), null),
                g.matMul(at + "up", inner, weight(at + "up", ffn, hidden), null), Activation.SILU);
            x = g.add(at + "ffn_add", x, g.matMul(at + "down", gated, weight(at + "down", hidden, ffn), null));
        }
        Value last = g.rmsNorm("norm", g.selectRows("last", x), norm("norm"), 1e-5f);
        return g.buildWithSampling(g.matMul("logits", last, weight("embed", vocab, hidden), null));
    }

    private Weight weight(String name, int out, int in) {
        return new Weight(name, format, Shape.of(out, in));
    }

    private Weight norm(String name) {
        return new Weight(name, DType.F32, Shape.of(hidden));
    }

    /** Uploads noise for every weight and gives the bytes of all. */
    long awaitUpload(Device device, Graph graph) {
        long total = 0;
        for (Weight weight : Operands.weightsOf(graph)) {
            int elements = (int) weight.shape().elements();
            float[] values = new Noise(Noise.seedOf(weight.name())).floats(elements, (float) Math.sqrt(3.0 / weight.shape().last()));
            byte[] bytes = new byte[(int) weight.dtype().bytes(elements)];
            Quant.quantize(weight.dtype(), values, 0, bytes, 0, elements);
            device.upload(weight, new ArrayBytes(bytes));
            total += bytes.length;
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        return total;
    }
}
