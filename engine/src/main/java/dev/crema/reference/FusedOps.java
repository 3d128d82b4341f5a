package dev.crema.reference;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostBuffers;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

/** The fused ops: each runs the loops of the plain ops that it stands for, one after the other. */
final class FusedOps {
    private final ReferenceDevice device;
    private final HostBuffers buffers;
    private final KvCache cache;
    private final float[] scores;

    FusedOps(ReferenceDevice device, HostBuffers buffers, KvCache cache, float[] scores) {
        this.device = device;
        this.buffers = buffers;
        this.cache = cache;
        this.scores = scores;
    }

    void run(Op.Fused op, FlatBatch batch) {
        switch (op) {
            case Op.Project project -> project(project, batch);
            case Op.GatedProject gated -> gatedProject(gated, batch);
            case Op.RotaryAttention attention -> rotaryAttention(attention, batch);
        }
    }

    private void project(Op.Project op, FlatBatch batch) {
        int rows = HostBuffers.rows(op.out(), batch);
        int channels = op.x().channels();
        float[] x = buffers.of(op.x());
        if (op.selects()) {
            float[] selected = new float[rows * channels];
            Rows.select(x, batch.outputTokens, rows, channels, selected);
            x = selected;
        }
        x = normed(x, op.norm(), rows * channels);
        float[] out = buffers.of(op.out());
        int width = op.out().channels();
        int at = 0;
        for (Op.Linear linear : op.linears()) {
            place(linear(x, linear, rows, channels), rows, linear.features(), out, at, width);
            at += linear.features();
        }
        if (op.residual() != null) {
            Pointwise.add(out, buffers.of(op.residual()), rows * width, out);
        }
    }

    private void gatedProject(Op.GatedProject op, FlatBatch batch) {
        int rows = HostBuffers.rows(op.out(), batch);
        int channels = op.x().channels();
        float[] x = normed(buffers.of(op.x()), op.norm(), rows * channels);
        Pointwise.gated(linear(x, op.gate(), rows, channels), linear(x, op.up(), rows, channels), op.activation(), rows * op.out().channels(),
            buffers.of(op.out()));
    }

    private void rotaryAttention(Op.RotaryAttention op, FlatBatch batch) {
        int queries = op.heads() * op.headDim();
        int keys = op.kvHeads() * op.headDim();
        float[] q = turned(slice(op.qkv(), 0, queries, batch), op.qNorm(), op, queries, batch);
        float[] k = turned(slice(op.qkv(), queries, keys, batch), op.kNorm(), op, keys, batch);
        float[] v = slice(op.qkv(), queries + keys, keys, batch);
        cache.append(op.layer(), k, v, batch);
        Value none = op.qkv();
        var plain = new Op.Attention(none, none, none, op.layer(), op.heads(), op.kvHeads(), op.headDim(), op.scale(), op.window(), op.softcap(),
            op.sinks(), true, op.out());
        SelfAttention.attend(plain, q, device.contents(op.sinks()), batch, cache.keys[op.layer()], cache.values[op.layer()], scores,
            buffers.of(op.out()));
    }

    /** Norm of the heads, then rotation, where the op has them. */
    private float[] turned(float[] x, Op.PreNorm norm, Op.RotaryAttention op, int channels, FlatBatch batch) {
        float[] normed = normed(x, norm, x.length);
        if (op.table() == null) {
            return normed;
        }
        float[] out = new float[x.length];
        Rotary.rope(normed, op.headDim(), op.table(), device.contents(op.factors()), batch.positions, batch.tokens, channels, out);
        return out;
    }

    /** Channels {@code from .. from + count} of each row. */
    private float[] slice(Value value, int from, int count, FlatBatch batch) {
        float[] x = buffers.of(value);
        float[] out = new float[batch.tokens * count];
        for (int row = 0; row < batch.tokens; row++) {
            System.arraycopy(x, row * value.channels() + from, out, row * count, count);
        }
        return out;
    }

    /** Of the first {@code elements} of x; x itself without a norm. */
    private float[] normed(float[] x, Op.PreNorm norm, int elements) {
        if (norm == null) {
            return x;
        }
        float[] weight = device.contents(norm.weight());
        float[] out = new float[elements];
        Norm.rmsNorm(x, weight, norm.eps(), elements / weight.length, out);
        return out;
    }

    private float[] linear(float[] x, Op.Linear linear, int rows, int channels) {
        float[] out = new float[rows * linear.features()];
        Linear.matMul(x, device.contents(linear.weight()), device.contents(linear.bias()), rows, channels, linear.features(), out);
        return out;
    }

    /** Puts rows of {@code count} elements into wider ones from {@code at} on. */
    private static void place(float[] from, int rows, int count, float[] to, int at, int width) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(from, row * count, to, row * width + at, count);
        }
    }
}
