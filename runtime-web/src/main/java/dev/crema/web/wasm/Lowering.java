package dev.crema.web.wasm;

import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.Shape;

import java.util.LinkedHashMap;
import java.util.Map;

/** Turns a graph into a program: an op becomes a kernel with the addresses of its operands. */
final class Lowering {
    /** Rows of a weight that mat-muls decode at once (dev.crema.kernels.MatMul). */
    private static final int PANEL = 16;

    private record AnglesKey(RopeTable table, Weight factors) { }

    final BatchPlace batch;
    final ValuePlaces values;
    final Scratch scratch;
    /** Null where the graph keeps nothing. */
    final KvPlace cache;
    private final KernelHost host;
    private final WasmWeights weights;
    private final Limits limits;
    private final Region region;
    private final Program program;
    /** Where mat-muls find their x in integers, and what stands there after the kernels so far. */
    private final int quantised;
    private Value quantisedValue;
    private String quantisedBy;
    private final Map<AnglesKey, Angles> angles = new LinkedHashMap<>();

    Lowering(KernelHost host, WasmWeights weights, Graph graph, Limits limits, Region region) {
        this.host = host;
        this.weights = weights;
        this.limits = limits;
        this.region = region;
        batch = new BatchPlace(host, limits, region);
        values = new ValuePlaces(host, graph, limits, region);
        scratch = new Scratch(host.threads());
        cache = graph.kv() == null ? null : new KvPlace(host, graph.kv(), limits, region);
        program = new Program(host, region);
        quantised = placeOfQuantised(graph);
        for (Op op : graph.ops()) {
            lower(op);
        }
        program.finish();
    }

    /** Runs a step up to its logits. */
    void run(FlatBatch flat) {
        batch.write(flat);
        for (Angles each : angles.values()) {
            each.write(flat);
        }
        program.run(scratch);
    }

    private void lower(Op op) {
        int out = op instanceof Op.Sample ? 0 : values.of(op.out());
        int rows = op.out().shape().extent(0) == Shape.TOKENS ? batch.tokens : batch.outputs;
        switch (op) {
            case Op.Embed embed -> {
                scratch.need(rowBytes(embed.table()));
                program.add("rows_embed", rows, embed.out().channels(), weights.units(embed.table()), embed.table().dtype().ggmlId(),
                    rowBytes(embed.table()), numbers(embed.index()), out, QuadFormats.rows(embed.table()), embed.index().offset());
            }
            case Op.RmsNorm norm -> {
                int group = norm.weight().shape().last();
                program.add("rmsNorm_rows", rows, values.of(norm.x()), weights.floats(norm.weight()), out, norm.x().channels() / group, group,
                    bits(norm.eps()));
            }
            case Op.LayerNorm norm -> program.add("layerNorm_rows", rows, norm.x().channels(), values.of(norm.x()), weights.floats(norm.weight()),
                weights.floats(norm.bias()), out, bits(norm.eps()));
            case Op.MatMul matMul -> matMul(matMul, rows, out);
            case Op.Rope rope -> rope(rope, rows, out);
            case Op.Attention attention -> attention(attention, rows, out);
            case Op.Gated gated -> gated(gated, rows, out);
            case Op.Activate a -> program.add("activations_rows", rows, a.out().channels(), values.of(a.x()), out, a.activation().ordinal(),
                bits(a.inner()), bits(a.outer()));
            case Op.Add add -> program.add("pointwise_add", rows, add.out().channels(), values.of(add.a()), values.of(add.b()), out);
            case Op.Join join -> program.add("rows_join", rows, join.heads(), join.a().channels() / join.heads(), join.b().channels() / join.heads(),
                values.of(join.a()), values.of(join.b()), out);
            case Op.Route route -> route(route, rows, out);
            case Op.ExpertMatMul matMul -> expertMatMul(matMul, rows, out);
            case Op.ExpertSum sum -> program.add("experts_sum", rows, sum.out().channels(), values.of(sum.x()), values.of(sum.routes()),
                sum.routes().channels() / 2, out);
            case Op.SelectRows select -> program.add("rows_select", rows, select.out().channels(), values.of(select.x()), batch.outputTokens, out);
            // Sampled after the program: how depends on the step.
            case Op.Sample sample -> { }
            case Op.Fused op2 -> throw new IllegalArgumentException("the Wasm device compiles plain graphs, and " + op2.out().name() + " is fused");
        }
    }

    /** Where the kernel finds which row of a table each token has; 0 where all have the same. */
    private int numbers(Op.Index index) {
        return switch (index.kind()) {
            case TOKEN -> batch.ids;
            case POSITION -> batch.positions;
            case FIXED -> 0;
        };
    }

    private void gated(Op.Gated op, int rows, int out) {
        if (op.activation() == Activation.SILU) {
            program.add("pointwise_siluGated", rows, op.out().channels(), values.of(op.gate()), values.of(op.up()), out);
        } else {
            program.add("activations_gated", rows, op.out().channels(), values.of(op.gate()), values.of(op.up()), out, op.activation().ordinal());
        }
    }

    private void matMul(Op.MatMul op, int rows, int out) {
        int in = op.x().channels();
        scratch.need(4L * PANEL * in);
        if (QuadFormats.rows(op.weight()) > 0) {
            QuadFormats.Kernel kernel = QuadFormats.of(op.weight().dtype());
            scratch.need(QuadFormats.SCRATCH_BYTES);
            quantise(op.x(), rows, kernel);
            program.add(kernel.matMul(), rows, quantised, in / QuadFormats.BLOCK, weights.units(op.weight()), op.out().channels(),
                weights.floats(op.bias()), out, values.of(op.x()), rowBytes(op.weight()), op.weight().dtype().ggmlId());
            return;
        }
        program.add("matMul_decoded", rows, values.of(op.x()), in, weights.units(op.weight()), op.weight().dtype().ggmlId(), rowBytes(op.weight()),
            op.out().channels(), weights.floats(op.bias()), out);
    }

    /** Several mat-muls of one x, as those of q, k and v, have it quantised once. */
    private void quantise(Value x, int rows, QuadFormats.Kernel kernel) {
        if (!x.equals(quantisedValue) || !kernel.quantise().equals(quantisedBy)) {
            program.add(kernel.quantise(), rows, values.of(x), x.channels(), quantised);
            quantisedValue = x;
            quantisedBy = kernel.quantise();
        }
    }

    /** Room for the largest x that is quantised. */
    private int placeOfQuantised(Graph graph) {
        long bytes = 0;
        for (Op op : graph.ops()) {
            if (op instanceof Op.MatMul matMul) {
                bytes = Math.max(bytes, quantisedBytes(matMul.x(), matMul.weight()));
            } else if (op instanceof Op.ExpertMatMul matMul) {
                bytes = Math.max(bytes, quantisedBytes(matMul.x(), matMul.weight()));
            }
        }
        return bytes == 0 ? 0 : region.take(bytes, "quantised activations");
    }

    private long quantisedBytes(Value x, Weight weight) {
        return QuadFormats.rows(weight) == 0 ? 0
            : (long) values.maxRows(x) * x.channels() / QuadFormats.BLOCK * QuadFormats.of(weight.dtype()).blockBytes();
    }

    private void expertMatMul(Op.ExpertMatMul op, int rows, int out) {
        int in = op.weight().shape().last();
        int readsSame = op.x().channels() == in ? 1 : 0;
        int topK = op.routes().channels() / 2;
        if (QuadFormats.rows(op.weight()) > 0) {
            QuadFormats.Kernel kernel = QuadFormats.of(op.weight().dtype());
            scratch.need(QuadFormats.SCRATCH_BYTES + (long) in / QuadFormats.BLOCK * kernel.blockBytes());
            quantise(op.x(), rows, kernel);
            program.add("quadExperts_matMul", rows, quantised, in / QuadFormats.BLOCK, weights.units(op.weight()), op.weight().shape().extent(1),
                weights.floats(op.bias()), out, values.of(op.routes()), rowBytes(op.weight()), op.weight().dtype().ggmlId(), topK, readsSame);
            return;
        }
        scratch.need(4L * in);
        program.add("experts_matMul", rows, values.of(op.x()), in, weights.units(op.weight()), op.weight().dtype().ggmlId(), rowBytes(op.weight()),
            op.weight().shape().extent(1), weights.floats(op.bias()), out, values.of(op.routes()), topK, readsSame);
    }

    private void route(Op.Route op, int rows, int out) {
        int experts = op.scores().channels();
        scratch.need(4L * (2 * experts + 32));
        program.add("route_rows", rows, values.of(op.scores()), experts, weights.floats(op.bias()), op.routing().topK(),
            switch (op.routing().scoring()) {
                case SOFTMAX -> 0;
                case SIGMOID -> 1;
            }, op.routing().normalise() ? 1 : 0, bits(op.routing().scale()), op.routing().groups(), op.routing().keptGroups(),
            op.routing().groupBest(), out);
    }

    private void rope(Op.Rope op, int rows, int out) {
        Angles turned = angles.computeIfAbsent(new AnglesKey(op.table(), op.factors()), key -> new Angles(host, op.table(), factors(op.factors()),
            limits.maxTokens(), region));
        program.add("rope_heads", rows, op.x().channels() / op.headDim(), op.headDim(), turned.pairs, op.table().interleaved() ? 1 : 0,
            turned.cosines, turned.sines, values.of(op.x()), out);
    }

    private float[] factors(Weight factors) {
        return factors == null ? null : host.readFloats(weights.floats(factors), factors.shape().last());
    }

    private void attention(Op.Attention op, int rows, int out) {
        int keys = cache.keys(op.layer());
        int vals = cache.values(op.layer());
        int format = cache.format.ggmlId();
        int group = op.heads() / op.kvHeads();
        scratch.need(4L * group * (32 + op.headDim()) + 8L * KvPool.PAGE_TOKENS * op.headDim());
        program.add("kvCache_append", rows, values.of(op.k()), op.v() == null ? 0 : values.of(op.v()), op.k().channels(), batch.slots, keys, vals, cache.slotBytes, format);
        program.add("attention_heads", rows, values.of(op.q()), out, keys, vals, cache.slotBytes, cache.headBytes, format, op.heads(), op.kvHeads(),
            op.headDim(), bits(op.scale()), op.window(), bits(op.softcap()), weights.floats(op.sinks()), op.causal() ? batch.positions : batch.ends, batch.sequences,
            batch.pages, batch.pageStride, op.valueDim());
    }

    private static int rowBytes(Weight weight) {
        return (int) weight.dtype().bytes(weight.shape().last());
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }
}
