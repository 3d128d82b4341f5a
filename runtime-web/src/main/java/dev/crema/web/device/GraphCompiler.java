package dev.crema.web.device;

import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.web.gpu.GPUBindGroup;

import java.util.List;
import java.util.Map;

/** Turns the ops of a graph into dispatches: which kernel, which buffers, which constants. */
final class GraphCompiler {
    private final Lowering to;
    private final ProjectLowering projections;
    private final AttentionLowering attentions;
    private final ExpertLowering experts;
    private final SampleLowering samples;

    GraphCompiler(Lowering to) {
        this.to = to;
        projections = new ProjectLowering(to);
        attentions = new AttentionLowering(to);
        experts = new ExpertLowering(to);
        samples = new SampleLowering(to);
    }

    /** Kernels are only asked for here: their pipelines may still be compiling. */
    List<Dispatch> compile(Graph graph) {
        for (Op op : graph.ops()) {
            switch (op) {
                case Op.Embed embed -> embed(embed);
                case Op.RmsNorm norm -> rmsNorm(norm);
                case Op.LayerNorm norm -> layerNorm(norm);
                case Op.MatMul matMul -> projections.lower(matMul);
                case Op.Rope rope -> rope(rope);
                case Op.Attention attention -> attentions.lower(attention);
                case Op.RotaryAttention attention -> attentions.lower(attention);
                case Op.Gated gated -> gated(gated);
                case Op.Activate activate -> activate(activate);
                case Op.Add add -> add(add);
                case Op.Join join -> join(join);
                case Op.Route route -> experts.route(route);
                case Op.ExpertMatMul matMul -> experts.matMul(matMul);
                case Op.ExpertSum sum -> experts.sum(sum);
                case Op.SelectRows select -> selectRows(select);
                case Op.Sample sample -> samples.lower(sample);
                case Op.Project project -> projections.lower(project);
                case Op.GatedProject project -> projections.lower(project);
            }
        }
        return to.dispatches();
    }

    private void embed(Op.Embed op) {
        GpuWeight table = to.weights.get(op.table());
        Kernels.Kernel kernel = to.kernels.get("embed", Map.of("weight", table.variant()));
        for (GpuWeight.Part part : table.parts()) {
            int at = to.params.add(table.columns(), part.firstRow(), part.rows(), op.index().kind().ordinal(), op.index().offset());
            to.invocations(kernel, to.bind(kernel, at, to.buffers.of(op.out()), part.buffer()), op.out(), (table.columns() + 3) / 4);
        }
    }

    private void rmsNorm(Op.RmsNorm op) {
        Kernels.Kernel kernel = to.kernels.get("rms_norm", Map.of("team", to.teams.variant));
        int channels = op.weight().shape().last();
        int groups = op.x().channels() / channels;
        int at = to.params.add(Rows.of(op.out()).word, groups, channels, Float.floatToRawIntBits(op.eps()), 0);
        to.teams(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x()), to.vector(op.weight())), op.out(), groups);
    }

    private void layerNorm(Op.LayerNorm op) {
        Kernels.Kernel kernel = to.kernels.get("layer_norm", Map.of("team", to.teams.variant));
        int at = to.params.add(Rows.of(op.out()).word, op.x().channels(), Float.floatToRawIntBits(op.eps()), op.weight() == null ? 0 : 1,
            op.bias() == null ? 0 : 1);
        GPUBindGroup group = to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x()), to.vector(op.weight()), to.vector(op.bias()));
        to.teams(kernel, group, op.out(), 1);
    }

    private void activate(Op.Activate op) {
        Kernels.Kernel kernel = to.kernels.get("activate", Map.of());
        int at = to.params.add(Rows.of(op.out()).word, op.out().channels(), op.activation().ordinal(), Float.floatToRawIntBits(op.inner()),
            Float.floatToRawIntBits(op.outer()));
        to.invocations(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x())), op.out(), op.out().channels());
    }

    private void rope(Op.Rope op) {
        Kernels.Kernel kernel = to.kernels.get("rope", Map.of());
        int heads = op.x().channels() / op.headDim();
        int at = to.params.add(heads, op.headDim(), op.table().rotaryDim() / 2, op.table().interleaved() ? 1 : 0,
            Float.floatToRawIntBits(op.table().magnitude()), op.factors() == null ? 0 : 1);
        GPUBindGroup group = to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x()), to.buffers.frequencies(op.table()), to.vector(op.factors()));
        to.invocations(kernel, group, op.out(), (long) heads * ((op.headDim() + 1) / 2));
    }

    private void gated(Op.Gated op) {
        Kernels.Kernel kernel = to.kernels.get("gated", Map.of());
        int channels = op.out().channels();
        int at = to.params.add(Rows.of(op.out()).word, channels, 0, channels, channels, 0, 0, op.activation().ordinal());
        GPUBindGroup group = to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.gate()), to.buffers.of(op.up()));
        to.invocations(kernel, group, op.out(), op.out().channels());
    }

    private void add(Op.Add op) {
        Kernels.Kernel kernel = to.kernels.get("add", Map.of());
        int at = to.params.add(Rows.of(op.out()).word, op.out().channels());
        to.invocations(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.a()), to.buffers.of(op.b())), op.out(), op.out().channels());
    }

    private void join(Op.Join op) {
        Kernels.Kernel kernel = to.kernels.get("join", Map.of());
        int at = to.params.add(Rows.of(op.out()).word, op.heads(), op.a().channels() / op.heads(), op.b().channels() / op.heads());
        to.invocations(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.a()), to.buffers.of(op.b())), op.out(), op.out().channels());
    }

    private void selectRows(Op.SelectRows op) {
        Kernels.Kernel kernel = to.kernels.get("select_rows", Map.of());
        int at = to.params.add(op.out().channels());
        to.invocations(kernel, to.bind(kernel, at, to.buffers.of(op.out()), to.buffers.of(op.x())), op.out(), op.out().channels());
    }
}
