package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Limits;
import dev.crema.graph.Op;
import dev.crema.web.device.AttentionDispatch.Launch;
import dev.crema.web.gpu.GPUBuffer;

import java.util.Map;

/** Attention: what the batch adds to the KV cache, then what its tokens see of it. */
final class AttentionLowering {
    /** Channels of a head that the kernels have room for. */
    private static final int MAX_HEAD_DIM = 256;
    /** NONE of attention_params.wgsl. */
    private static final int NONE = -1;
    /** Query heads of a workgroup of attention_split.wgsl, at most. */
    private static final int MOST_QUERIES = 8;
    /** Rows of a workgroup of attention_tile.wgsl, and channels that its lanes sum up at once. */
    private static final int TILE_ROWS = 32;
    private static final int TILE_CHANNELS = 32;
    /** Invocations of a workgroup of attention_serial.wgsl. */
    private static final int SERIAL_INVOCATIONS = 16;

    private final Lowering to;
    private final Map<String, String> slots;

    AttentionLowering(Lowering to) {
        this.to = to;
        slots = Map.of("kv", KvRows.variant(to.buffers.limits().kvType()), "query", "plain");
    }

    void lower(Op.Attention op) {
        if (op.headDim() > MAX_HEAD_DIM) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model has heads of " + op.headDim()
                + " channels, and on WebGPU a head has at most " + MAX_HEAD_DIM + ".", "Choose another device.");
        }
        Limits limits = to.buffers.limits();
        int maxSplits = AttentionDispatch.maxSplits(limits.contextLength(), op.window());
        int at = to.params.add(op.heads(), op.kvHeads(), op.headDim(), op.window(), Float.floatToRawIntBits(op.scale()),
            Float.floatToRawIntBits(op.softcap()), op.q().channels(), maxSplits, op.sinks() == null ? NONE : 0);
        GPUBuffer cache = to.buffers.cache[op.layer()];
        Kernels.Kernel write = to.kernels.get("kv_write", slots);
        to.invocations(write, to.bind(write, at, cache, to.buffers.of(op.k()), to.buffers.of(op.v())), op.k(),
            (long) op.kvHeads() * ((op.headDim() + 127) / 128));
        to.dispatches().add(attend(op, at, cache, maxSplits));
    }

    private AttentionDispatch attend(Op.Attention op, int at, GPUBuffer cache, int maxSplits) {
        GPUBuffer sinks = to.vector(op.sinks());
        GPUBuffer q = to.buffers.of(op.q());
        GPUBuffer out = to.buffers.of(op.out());
        GPUBuffer partials = partials(op, maxSplits);
        int quads = (op.headDim() + 3) / 4;
        Kernels.Kernel put = to.kernels.get("attention_combine", Map.of());
        var combine = new Launch(put, to.bind(put, at, partials, out), op.heads() * quads, Dispatch.INVOCATIONS, 1);
        int group = op.heads() / op.kvHeads();
        if (to.teams == Teams.SINGLE) {
            Kernels.Kernel kernel = to.kernels.get("attention_serial", slots);
            var serial = new Launch(kernel, to.bind(kernel, at, cache, sinks, q, out, partials), op.heads(), SERIAL_INVOCATIONS, 1);
            return new AttentionDispatch(serial, combine, serial, maxSplits, op.window());
        }
        int queries = Math.min(powerOfTwo(group), MOST_QUERIES);
        Kernels.Kernel split = to.kernels.get("attention_split", slots, "TEAM_QUERIES", queries);
        var few = new Launch(split, to.bind(split, at, cache, sinks, q, out, partials), op.kvHeads() * ((group + queries - 1) / queries), 1, 1);
        Kernels.Kernel tile = to.kernels.get("attention_tile", slots, "LANE_QUADS", powerOfTwo((op.headDim() + TILE_CHANNELS - 1) / TILE_CHANNELS));
        var many = new Launch(tile, to.bind(tile, at, cache, sinks, q, out), group, TILE_ROWS, op.kvHeads());
        return new AttentionDispatch(few, combine, many, maxSplits, op.window());
    }

    /** The next one up, so that few pipelines serve all models. */
    private static int powerOfTwo(int count) {
        int power = 1;
        while (power < count) {
            power *= 2;
        }
        return power;
    }

    /** Of each token, head and split a quad for every four channels and one more; all attentions take turns. */
    private GPUBuffer partials(Op.Attention op, int maxSplits) {
        if (maxSplits == 1) {
            return to.buffers.unused();
        }
        int tokens = Math.min(AttentionDispatch.FEW_TOKENS, to.buffers.limits().maxTokens());
        return to.buffers.scratch("attention.partials", 16L * tokens * op.heads() * maxSplits * ((op.headDim() + 3) / 4 + 1));
    }
}
