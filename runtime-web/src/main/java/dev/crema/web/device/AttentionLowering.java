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
    /** Channels of a head that the kernels have room for: where q, k and v come side by side, and where not. */
    private static final int MAX_ROTARY_DIM = 256;
    private static final int MAX_HEAD_DIM = 640;
    /** Query heads of a workgroup of attention_split.wgsl, at most. */
    private static final int MOST_QUERIES = 8;
    /** Quads that it has room for, of all of them. */
    private static final int MOST_QUERY_QUADS = 512;
    /** Channels of a value that a workgroup of attention_tile.wgsl sums up. */
    private static final int PART_CHANNELS = 256;
    /** Rows of a workgroup of attention_tile.wgsl, and channels that its lanes sum up at once. */
    private static final int TILE_ROWS = 32;
    private static final int TILE_CHANNELS = 32;
    /** Invocations of a workgroup of attention_serial.wgsl. */
    private static final int SERIAL_INVOCATIONS = 16;

    /** The numbers of an attention and what it binds whichever way it goes. */
    private record Shape(int heads, int kvHeads, int headDim, int valueDim, int window, int maxSplits, GPUBuffer cache, GPUBuffer table, GPUBuffer out) {
        int group() {
            return heads / kvHeads;
        }

        /** Of a value. */
        int quads() {
            return (valueDim + 3) / 4;
        }

        /** Query heads of a workgroup of attention_split.wgsl; eight channels' quads are a unit of the cache at most. */
        int queries() {
            int most = MOST_QUERY_QUADS / (8 * ((headDim + 31) / 32));
            int queries = Math.min(powerOfTwo(group()), MOST_QUERIES);
            while (queries > most) {
                queries /= 2;
            }
            return queries;
        }

        /** Blocks of the cache that one invocation packs are four, so that it writes whole vec4s of their scales. */
        int parts() {
            return (headDim + 127) / 128;
        }
    }

    private final Lowering to;

    AttentionLowering(Lowering to) {
        this.to = to;
    }

    /** The batch's k and v come as values of their own. */
    void lower(Op.Attention op) {
        checkHeads(op.headDim(), MAX_HEAD_DIM);
        var shape = new Shape(op.heads(), op.kvHeads(), op.headDim(), op.valueDim(), op.window(), maxSplits(op.window()), to.buffers.cache[op.layer()],
            to.vector(op.sinks()), to.buffers.of(op.out()));
        int at = to.params.add(op.heads(), op.kvHeads(), op.headDim(), op.window(), bits(op.scale()), bits(op.softcap()), op.q().channels(),
            shape.maxSplits, op.sinks() == null ? AttentionTable.NONE : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, op.causal() ? 0 : 1,
            op.valueDim(), op.v() == null ? 1 : 0);
        Kernels.Kernel write = to.kernels.get("kv_write", slots("plain"));
        var before = new Launch(write, to.bind(write, at, shape.cache, to.buffers.of(op.k()),
            op.v() == null ? to.buffers.nothing : to.buffers.of(op.v())), op.kvHeads() * shape.parts(),
            Dispatch.INVOCATIONS, 1);
        GPUBuffer q = to.buffers.of(op.q());
        to.dispatches().add(new AttentionDispatch(before, null, few(shape, "plain", at, q), combine(shape, at), many(shape, at, q), shape.maxSplits,
            op.window()));
    }

    /** q, k and v come side by side, without norm and rotation. */
    void lower(Op.RotaryAttention op) {
        checkHeads(op.headDim(), MAX_ROTARY_DIM);
        var table = new AttentionTable(op, to);
        var shape = new Shape(op.heads(), op.kvHeads(), op.headDim(), op.headDim(), op.window(), maxSplits(op.window()), to.buffers.cache[op.layer()],
            table.buffer, to.buffers.of(op.out()));
        int channels = op.heads() * op.headDim();
        int at = params(op, table, op.qkv().channels(), shape.maxSplits);
        int plainAt = params(op, table, channels, shape.maxSplits);
        GPUBuffer q = to.buffers.scratch("attention.queries", 4L * to.buffers.limits().maxTokens() * channels);
        GPUBuffer qkv = to.buffers.of(op.qkv());
        Kernels.Kernel rotary = to.kernels.get("attention_rotary", slots("rotary"));
        var before = new Launch(rotary, to.bind(rotary, at, shape.cache, table.buffer, qkv, q),
            op.heads() * ((op.headDim() + 31) / 32) + op.kvHeads() * shape.parts(), Dispatch.INVOCATIONS, 1);
        to.dispatches().add(new AttentionDispatch(before, few(shape, "rotary", at, qkv), few(shape, "plain", plainAt, q), combine(shape, at),
            many(shape, plainAt, q), shape.maxSplits, op.window()));
    }

    private int params(Op.RotaryAttention op, AttentionTable table, int channels, int maxSplits) {
        boolean turns = op.table() != null;
        return to.params.add(op.heads(), op.kvHeads(), op.headDim(), op.window(), bits(op.scale()), bits(op.softcap()), channels, maxSplits,
            table.sinksAt, table.qNormAt, table.kNormAt, table.factorsAt, table.frequenciesAt, bits(op.qNorm() == null ? 0 : op.qNorm().eps()),
            bits(op.kNorm() == null ? 0 : op.kNorm().eps()), turns ? op.table().rotaryDim() / 2 : 0, turns && op.table().interleaved() ? 1 : 0,
            bits(turns ? op.table().magnitude() : 1), 0, op.headDim(), 0);
    }

    /** Few tokens, their contexts in splits; {@code x} is q, or all that {@code query.rotary.wgsl} makes it of. */
    private Launch few(Shape shape, String query, int at, GPUBuffer x) {
        if (to.teams == Teams.SINGLE) {
            return serial(shape, query, at, x);
        }
        int queries = shape.queries();
        Kernels.Kernel split = to.kernels.get("attention_split", slots(query), "TEAM_QUERIES", queries);
        return new Launch(split, to.bind(split, at, shape.cache, shape.table, x, shape.out, partials(shape)),
            shape.kvHeads * ((shape.group() + queries - 1) / queries), 1, 1);
    }

    private Launch many(Shape shape, int at, GPUBuffer q) {
        if (to.teams == Teams.SINGLE) {
            return serial(shape, "plain", at, q);
        }
        Kernels.Kernel tile = to.kernels.get("attention_tile", slots("plain"), "LANE_QUADS",
            powerOfTwo((Math.min(shape.valueDim, PART_CHANNELS) + TILE_CHANNELS - 1) / TILE_CHANNELS));
        return new Launch(tile, to.bind(tile, at, shape.cache, shape.table, q, shape.out), shape.group(), TILE_ROWS,
            shape.kvHeads * ((shape.valueDim + PART_CHANNELS - 1) / PART_CHANNELS));
    }

    private Launch serial(Shape shape, String query, int at, GPUBuffer x) {
        Kernels.Kernel kernel = to.kernels.get("attention_serial", slots(query));
        return new Launch(kernel, to.bind(kernel, at, shape.cache, shape.table, x, shape.out, partials(shape)), shape.heads, SERIAL_INVOCATIONS, 1);
    }

    private Launch combine(Shape shape, int at) {
        Kernels.Kernel kernel = to.kernels.get("attention_combine", Map.of());
        return new Launch(kernel, to.bind(kernel, at, partials(shape), shape.out), shape.heads * shape.quads(), Dispatch.INVOCATIONS, 1);
    }

    /** Of each token, head and split a quad for every four channels and one more; all attentions take turns. */
    private GPUBuffer partials(Shape shape) {
        if (shape.maxSplits == 1) {
            return to.buffers.unused();
        }
        int tokens = Math.min(AttentionDispatch.FEW_TOKENS, to.buffers.limits().maxTokens());
        return to.buffers.scratch("attention.partials", 16L * tokens * shape.heads * shape.maxSplits * (shape.quads() + 1));
    }

    private int maxSplits(int window) {
        Limits limits = to.buffers.limits();
        return AttentionDispatch.maxSplits(limits.contextLength(), window);
    }

    private Map<String, String> slots(String query) {
        return Map.of("kv", KvRows.variant(to.buffers.limits().kvType()), "query", query);
    }

    /** The next one up, so that few pipelines serve all models. */
    private static int powerOfTwo(int count) {
        int power = 1;
        while (power < count) {
            power *= 2;
        }
        return power;
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static void checkHeads(int headDim, int most) {
        if (headDim > most) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model has heads of " + headDim
                + " channels, and on WebGPU a head has at most " + most + ".", "Choose another device.");
        }
    }
}
