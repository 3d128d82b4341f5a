package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Op;
import dev.crema.web.gpu.GPUBuffer;

import java.util.Map;

/** Attention: what the batch adds to the KV cache, then what its tokens see of it. */
final class AttentionLowering {
    /** Channels that attention.wgsl has room for: TEAM_VECTORS vec4s. */
    private static final int MAX_HEAD_DIM = 256;

    private final Lowering to;

    AttentionLowering(Lowering to) {
        this.to = to;
    }

    void lower(Op.Attention op) {
        if (op.headDim() > MAX_HEAD_DIM) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model has heads of " + op.headDim()
                + " channels, and on WebGPU a head has at most " + MAX_HEAD_DIM + ".", "Choose another device.");
        }
        GPUBuffer keys = to.buffers.keys[op.layer()];
        GPUBuffer values = to.buffers.values[op.layer()];
        Kernels.Kernel write = to.kernels.get("kv_write", Map.of());
        int writeAt = to.params.add(op.kvHeads(), op.headDim());
        to.invocations(write, to.bind(write, writeAt, keys, values, to.buffers.of(op.k()), to.buffers.of(op.v())), op.k(),
            (long) op.kvHeads() * ((op.headDim() + 3) / 4));
        Kernels.Kernel attend = to.kernels.get("attention", Map.of("team", to.teams.variant));
        int at = to.params.add(op.heads(), op.kvHeads(), op.headDim(), op.window(), Float.floatToRawIntBits(op.scale()),
            Float.floatToRawIntBits(op.softcap()), op.sinks() == null ? 0 : 1);
        to.teams(attend, to.bind(attend, at, to.buffers.of(op.out()), to.buffers.of(op.q()), keys, values, to.vector(op.sinks())), op.out(), op.heads());
    }
}
