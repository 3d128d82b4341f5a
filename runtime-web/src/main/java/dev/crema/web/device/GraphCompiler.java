package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUDevice;
import org.teavm.jso.core.JSArray;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns the ops of a graph into dispatches: which kernel, which buffers, which constants. */
final class GraphCompiler {
    /** Channels that attention.wgsl has room for: TEAM_VECTORS vec4s. */
    private static final int MAX_HEAD_DIM = 256;
    /** A row of logits is long and has only one team: as many lanes as every GPU has in a workgroup. */
    private static final int SAMPLE_LANES = 256;

    private final GPUDevice device;
    private final Kernels kernels;
    private final WeightStore weights;
    private final GraphBuffers buffers;
    private final Params params;
    private final Teams teams;
    private final List<Dispatch> dispatches = new ArrayList<>();

    GraphCompiler(GPUDevice device, Kernels kernels, WeightStore weights, GraphBuffers buffers, Params params, Teams teams) {
        this.device = device;
        this.kernels = kernels;
        this.weights = weights;
        this.buffers = buffers;
        this.params = params;
        this.teams = teams;
    }

    /** Dispatches that a graph comes to at most, for the size of its parameters. */
    static int count(Graph graph, WeightStore weights) {
        int count = 0;
        for (Op op : graph.ops()) {
            count += switch (op) {
                case Op.Embed embed -> weights.get(embed.table()).parts().size();
                case Op.MatMul matMul -> weights.get(matMul.weight()).parts().size();
                case Op.Attention attention -> 2;
                case Op.RmsNorm norm -> 1;
                case Op.Rope rope -> 1;
                case Op.Gated gated -> 1;
                case Op.Add add -> 1;
                case Op.SelectRows select -> 1;
                case Op.Sample sample -> 1;
            };
        }
        return count;
    }

    /** Kernels are only asked for here: their pipelines may still be compiling. */
    List<Dispatch> compile(Graph graph) {
        for (Op op : graph.ops()) {
            switch (op) {
                case Op.Embed embed -> embed(embed);
                case Op.RmsNorm norm -> rmsNorm(norm);
                case Op.MatMul matMul -> matMul(matMul);
                case Op.Rope rope -> rope(rope);
                case Op.Attention attention -> attention(attention);
                case Op.Gated gated -> gated(gated);
                case Op.Add add -> add(add);
                case Op.SelectRows select -> selectRows(select);
                case Op.Sample sample -> sample(sample);
            }
        }
        return dispatches;
    }

    private void embed(Op.Embed op) {
        GpuWeight table = weights.get(op.table());
        Kernels.Kernel kernel = kernels.get("embed", Map.of("weight", table.variant()));
        for (GpuWeight.Part part : table.parts()) {
            int at = params.add(table.columns(), part.firstRow(), part.rows());
            invocations(kernel, bind(kernel, at, buffers.of(op.out()), part.buffer()), op.out(), (table.columns() + 3) / 4);
        }
    }

    private void rmsNorm(Op.RmsNorm op) {
        Kernels.Kernel kernel = kernels.get("rms_norm", Map.of("team", teams.variant));
        int channels = op.weight().shape().last();
        int groups = op.x().channels() / channels;
        int at = params.add(Rows.of(op.out()).word, groups, channels, Float.floatToRawIntBits(op.eps()));
        teams(kernel, bind(kernel, at, buffers.of(op.out()), buffers.of(op.x()), vector(op.weight())), op.out(), groups);
    }

    private void matMul(Op.MatMul op) {
        GpuWeight weight = weights.get(op.weight());
        int columns = weight.columns();
        int outputs = op.out().channels();
        String input = columns % 4 == 0 ? "vec4" : "scalar";
        Kernels.Kernel vector = kernels.get("mat_vec", Map.of("team", teams.variant, "input", input, "weight", weight.variant()));
        Kernels.Kernel tiled = kernels.get("mat_mul", Map.of("input", input, "weight", weight.variant()));
        for (GpuWeight.Part part : weight.parts()) {
            int at = params.add(Rows.of(op.out()).word, columns, outputs, part.firstRow(), part.rows(), op.bias() == null ? 0 : 1);
            // Both kernels declare the same bindings, so one group serves both.
            GPUBindGroup group = bind(vector, at, buffers.of(op.out()), part.buffer(), buffers.of(op.x()), vector(op.bias()));
            dispatches.add(new Dispatch.MatMul(vector, tiled, group, Rows.of(op.out()), part.rows(), teams));
        }
    }

    private void rope(Op.Rope op) {
        Kernels.Kernel kernel = kernels.get("rope", Map.of());
        int heads = op.x().channels() / op.headDim();
        int at = params.add(heads, op.headDim(), op.table().rotaryDim() / 2, op.table().interleaved() ? 1 : 0,
            Float.floatToRawIntBits(op.table().magnitude()), op.factors() == null ? 0 : 1);
        GPUBindGroup group = bind(kernel, at, buffers.of(op.out()), buffers.of(op.x()), buffers.frequencies(op.table()), vector(op.factors()));
        invocations(kernel, group, op.out(), (long) heads * ((op.headDim() + 1) / 2));
    }

    private void attention(Op.Attention op) {
        if (op.headDim() > MAX_HEAD_DIM) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model has heads of " + op.headDim()
                + " channels, and on WebGPU a head has at most " + MAX_HEAD_DIM + ".", "Choose another device.");
        }
        GPUBuffer keys = buffers.keys[op.layer()];
        GPUBuffer values = buffers.values[op.layer()];
        Kernels.Kernel write = kernels.get("kv_write", Map.of());
        int writeAt = params.add(op.kvHeads(), op.headDim());
        invocations(write, bind(write, writeAt, keys, values, buffers.of(op.k()), buffers.of(op.v())), op.k(),
            (long) op.kvHeads() * ((op.headDim() + 3) / 4));
        Kernels.Kernel attend = kernels.get("attention", Map.of("team", teams.variant));
        int at = params.add(op.heads(), op.kvHeads(), op.headDim(), op.window(), Float.floatToRawIntBits(op.scale()));
        teams(attend, bind(attend, at, buffers.of(op.out()), buffers.of(op.q()), keys, values), op.out(), op.heads());
    }

    private void gated(Op.Gated op) {
        Kernels.Kernel kernel = kernels.get("gated", Map.of("activation", switch (op.activation()) {
            case SILU -> "silu";
        }));
        int at = params.add(Rows.of(op.out()).word, op.out().channels());
        GPUBindGroup group = bind(kernel, at, buffers.of(op.out()), buffers.of(op.gate()), buffers.of(op.up()));
        invocations(kernel, group, op.out(), op.out().channels());
    }

    private void add(Op.Add op) {
        Kernels.Kernel kernel = kernels.get("add", Map.of());
        int at = params.add(Rows.of(op.out()).word, op.out().channels());
        invocations(kernel, bind(kernel, at, buffers.of(op.out()), buffers.of(op.a()), buffers.of(op.b())), op.out(), op.out().channels());
    }

    private void selectRows(Op.SelectRows op) {
        Kernels.Kernel kernel = kernels.get("select_rows", Map.of());
        int at = params.add(op.out().channels());
        invocations(kernel, bind(kernel, at, buffers.of(op.out()), buffers.of(op.x())), op.out(), op.out().channels());
    }

    private void sample(Op.Sample op) {
        Kernels.Kernel kernel = kernels.ofTeams("sample", teams, SAMPLE_LANES);
        int at = params.add(op.logits().channels());
        GPUBindGroup group = bind(kernel, at, buffers.of(op.out()), buffers.of(op.logits()), buffers.scaled(op.logits()));
        teams(kernel, group, op.out(), 1);
    }

    private GPUBuffer vector(Weight weight) {
        return weight == null ? buffers.nothing : weights.get(weight).parts().get(0).buffer();
    }

    /** Binds the parameters, the batch, and {@code bound} from binding 2 on. */
    private GPUBindGroup bind(Kernels.Kernel kernel, int paramsAt, GPUBuffer... bound) {
        JSArray<GPUBuffer> all = JSArray.create();
        all.push(buffers.batch);
        for (GPUBuffer buffer : bound) {
            all.push(buffer);
        }
        return device.createBindGroup(kernel.layout, params.buffer(), paramsAt, Params.STRIDE, all);
    }

    private void invocations(Kernels.Kernel kernel, GPUBindGroup group, Value rowsOf, long perRow) {
        dispatches.add(new Dispatch.Linear(kernel, group, Rows.of(rowsOf), perRow, Dispatch.INVOCATIONS));
    }

    private void teams(Kernels.Kernel kernel, GPUBindGroup group, Value rowsOf, long perRow) {
        dispatches.add(new Dispatch.Linear(kernel, group, Rows.of(rowsOf), perRow, teams.perGroup));
    }
}
