package dev.crema.web.device;

import dev.crema.graph.Op;
import dev.crema.graph.Weight;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import org.teavm.jso.typedarrays.Float32Array;

/**
 * The constants of an attention in one buffer, because a kernel binds only so many: frequencies of the rotation, what divides them, weights
 * of the norms of q's and k's heads, sinks. Copied on the GPU when a graph is compiled.
 */
final class AttentionTable {
    /** NONE of attention_params.wgsl. */
    static final int NONE = -1;

    final GPUBuffer buffer;
    final int sinksAt;
    final int qNormAt;
    final int kNormAt;
    final int factorsAt;
    final int frequenciesAt;
    private final GPUCommandEncoder encoder;
    private final Lowering to;
    private int used;

    AttentionTable(Op.RotaryAttention op, Lowering to) {
        this.to = to;
        int pairs = op.table() == null ? 0 : op.table().rotaryDim() / 2;
        buffer = to.buffers.constants("attention.table", 2 * pairs + 2 * op.headDim() + op.heads());
        encoder = to.device.createCommandEncoder();
        frequenciesAt = 0;
        if (pairs > 0) {
            to.device.getQueue().writeBuffer(buffer, 0, Float32Array.copyFromJavaArray(op.table().inverseFrequencies()), 0, pairs);
            used = pairs;
        }
        factorsAt = add(op.factors());
        qNormAt = add(op.qNorm() == null ? null : op.qNorm().weight());
        kNormAt = add(op.kNorm() == null ? null : op.kNorm().weight());
        sinksAt = add(op.sinks());
        to.device.getQueue().submit(encoder.finish());
    }

    /** Where the weight's elements begin; null weights are NONE. */
    private int add(Weight weight) {
        if (weight == null) {
            return NONE;
        }
        int at = used;
        int elements = weight.shape().last();
        encoder.copyBufferToBuffer(to.vector(weight), 0, buffer, 4L * at, 4L * elements);
        used += elements;
        return at;
    }
}
