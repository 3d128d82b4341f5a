package dev.crema.web.device;

import dev.crema.graph.Activation;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Mat-muls with what was fused to them. For few rows one kernel does it all. For many the norm and the selection of rows come first and the
 * gate last, because the tiles of a mat-mul would do them over and over.
 */
final class ProjectLowering {
    /** Outputs of a team in mat_vec.wgsl, and in mat_vec_gated.wgsl. */
    private static final int TEAM_OUTPUTS = 4;
    private static final int TEAM_GATED = 2;

    /** What a projection reads, and where its results go; {@code norm} and {@code residual} may be null. */
    private record Shape(Value x, Op.PreNorm norm, Value residual, Value out) {
        boolean selects() {
            return x.shape().extent(0) != out.shape().extent(0);
        }
    }

    private final Lowering to;
    private final MatMulLowering matMuls;

    ProjectLowering(Lowering to) {
        this.to = to;
        matMuls = new MatMulLowering(to);
    }

    void lower(Op.MatMul op) {
        project(new Shape(op.x(), null, null, op.out()), List.of(new Op.Linear(op.weight(), op.bias())));
    }

    void lower(Op.Project op) {
        project(new Shape(op.x(), op.norm(), op.residual(), op.out()), op.linears());
    }

    private void project(Shape shape, List<Op.Linear> linears) {
        GPUBuffer bias = to.weights.bias(linears, null);
        GPUBuffer out = to.buffers.of(shape.out);
        int width = shape.out.channels();
        byRows(shape, () -> few(shape, linears, bias, out, width), () -> many(shape, linears, bias, out, width));
    }

    void lower(Op.GatedProject op) {
        var shape = new Shape(op.x(), op.norm(), null, op.out());
        List<Op.Linear> linears = List.of(op.gate(), op.up());
        GpuWeight paired = to.weights.paired(op.gate().weight(), op.up().weight());
        GPUBuffer bias = to.weights.bias(linears, paired);
        int channels = op.out().channels();
        if (paired == null) {
            GPUBuffer product = to.buffers.scratch("product", op.out(), 2 * channels);
            byRows(shape, () -> {
                few(shape, linears, bias, product, 2 * channels);
                gated(shape, product, op.activation(), 0, channels);
            }, () -> {
                many(shape, linears, bias, product, 2 * channels);
                gated(shape, product, op.activation(), 0, channels);
            });
        } else {
            byRows(shape, () -> fewGated(shape, paired, bias, op.activation()), () -> manyGated(shape, paired, bias, op.activation()));
        }
    }

    private void byRows(Shape shape, Runnable few, Runnable many) {
        boolean onlyFew = to.buffers.maxRows(Rows.of(shape.out)) <= ProjectDispatch.FEW_ROWS;
        to.byRows(shape.out, to.apart(few), onlyFew ? List.of() : to.apart(many));
    }

    /** One launch for each part of each run of weights that are joined; {@code out} has rows of {@code width}. */
    private void few(Shape shape, List<Op.Linear> linears, GPUBuffer bias, GPUBuffer out, int width) {
        int first = 0;
        for (GpuWeight weight : to.weights.joined(linears)) {
            List<Kernels.Kernel> forms = forms("mat_vec", shape, weight);
            for (GpuWeight.Part part : weight.parts()) {
                int at = params(shape, weight, width, first + part.firstRow(), first + part.firstRow(), part.rows(), bias, Activation.IDENTITY);
                launch(forms, shape, ceil(part.rows(), TEAM_OUTPUTS), to.bind(forms.get(0), at, out, part.buffer(), to.buffers.of(shape.x),
                    orNothing(bias), scale(shape), residual(shape) == null ? to.buffers.nothing : residual(shape)));
            }
            first += weight.rows();
        }
    }

    private void fewGated(Shape shape, GpuWeight paired, GPUBuffer bias, Activation activation) {
        List<Kernels.Kernel> forms = forms("mat_vec_gated", shape, paired);
        for (GpuWeight.Part part : paired.parts()) {
            int count = part.rows() / 2;
            int at = params(shape, paired, shape.out.channels(), part.firstRow() / 2, part.firstRow(), count, bias, activation);
            launch(forms, shape, ceil(count, TEAM_GATED), to.bind(forms.get(0), at, to.buffers.of(shape.out), part.buffer(), to.buffers.of(shape.x),
                orNothing(bias), scale(shape)));
        }
    }

    private void launch(List<Kernels.Kernel> forms, Shape shape, int teams, GPUBindGroup group) {
        to.dispatches().add(new ProjectDispatch(forms, group, Rows.of(shape.out), teams, to.teams.perGroup));
    }

    private int params(Shape shape, GpuWeight weight, int width, int first, int biasFirst, int count, GPUBuffer bias,
            Activation activation) {
        return to.params.add(Rows.of(shape.out).word, weight.columns(), width, first, biasFirst, count, bias == null ? 0 : 1,
            shape.residual == null ? 0 : 1, shape.selects() ? 1 : 0, shape.norm == null ? 0 : Float.floatToRawIntBits(shape.norm.eps()),
            activation.ordinal());
    }

    /** The kernel for one row, and for up to eight where the limits allow so many. */
    private List<Kernels.Kernel> forms(String kernel, Shape shape, GpuWeight weight) {
        List<Kernels.Kernel> forms = new ArrayList<>();
        for (int i = 0; i < ProjectDispatch.forms(to.buffers.maxRows(Rows.of(shape.out))); i++) {
            Map<String, String> all = slots(weight, to.teams, shape.norm != null, i);
            forms.add(to.kernels.get(kernel, all, to.forms.teamOf(weight, to.teams)));
        }
        return forms;
    }

    /** The choices for the slots of mat_vec, with {@code form} of {@link ProjectDispatch#FORM_ROWS}. */
    static Map<String, String> slots(GpuWeight weight, Teams teams, boolean norm, int form) {
        Map<String, String> slots = MatMulForm.slots(weight);
        slots.put("team", teams.variant);
        slots.put("norm", norm ? "rms" : "none");
        slots.put("rows", ProjectDispatch.VARIANTS.get(form));
        return slots;
    }

    private void many(Shape shape, List<Op.Linear> linears, GPUBuffer bias, GPUBuffer out, int width) {
        GPUBuffer x = prepared(shape);
        int first = 0;
        for (GpuWeight weight : to.weights.joined(linears)) {
            matMuls.manyRows(weight, first, x, bias, residual(shape), out, width, shape.out);
            first += weight.rows();
        }
    }

    private void manyGated(Shape shape, GpuWeight paired, GPUBuffer bias, Activation activation) {
        int width = 2 * shape.out.channels();
        GPUBuffer product = to.buffers.scratch("product", shape.out, width);
        matMuls.manyRows(paired, 0, prepared(shape), bias, null, product, width, shape.out);
        for (GpuWeight.Part part : paired.parts()) {
            gated(shape, product, activation, part.firstRow() / 2, part.rows() / 2);
        }
    }

    /** {@code count} channels of out from {@code first} on, whose gates begin at {@code 2 * first} of the product's rows and are followed by up. */
    private void gated(Shape shape, GPUBuffer product, Activation activation, int first, int count) {
        Kernels.Kernel kernel = to.kernels.get("gated", Map.of());
        int channels = shape.out.channels();
        int at = to.params.add(Rows.of(shape.out).word, channels, first, count, 2 * channels, 2 * first, 2 * first + count, activation.ordinal());
        to.invocations(kernel, to.bind(kernel, at, to.buffers.of(shape.out), product, product), shape.out, count);
    }

    /** x as mat-muls read it: normed, and of the rows of out. */
    private GPUBuffer prepared(Shape shape) {
        GPUBuffer x = to.buffers.of(shape.x);
        if (shape.norm == null && !shape.selects()) {
            return x;
        }
        int channels = shape.x.channels();
        GPUBuffer prepared = to.buffers.scratch("prepared", shape.out, channels);
        if (shape.norm == null) {
            Kernels.Kernel select = to.kernels.get("select_rows", Map.of());
            to.invocations(select, to.bind(select, to.params.add(channels), prepared, x), shape.out, channels);
        } else {
            Kernels.Kernel norm = to.kernels.get("rms_norm", Map.of("team", to.teams.variant));
            int at = to.params.add(Rows.of(shape.out).word, 1, channels, Float.floatToRawIntBits(shape.norm.eps()), shape.selects() ? 1 : 0);
            to.teams(norm, to.bind(norm, at, prepared, x, scale(shape)), shape.out, 1);
        }
        return prepared;
    }

    private GPUBuffer residual(Shape shape) {
        return shape.residual == null ? null : to.buffers.of(shape.residual);
    }

    private GPUBuffer scale(Shape shape) {
        return shape.norm == null ? to.buffers.nothing : to.vector(shape.norm.weight());
    }

    private GPUBuffer orNothing(GPUBuffer buffer) {
        return buffer == null ? to.buffers.nothing : buffer;
    }

    private static int ceil(int count, int per) {
        return (count + per - 1) / per;
    }
}
