package dev.crema.web.device;

import dev.crema.graph.Op;
import dev.crema.web.gpu.GPUBindGroup;

import java.util.Map;

/** Mat-muls: a kernel for few rows, one for many. */
final class MatMulLowering {
    private final Lowering to;

    MatMulLowering(Lowering to) {
        this.to = to;
    }

    void lower(Op.MatMul op) {
        GpuWeight weight = to.weights.get(op.weight());
        int columns = weight.columns();
        int outputs = op.out().channels();
        String input = columns % 4 == 0 ? "vec4" : "scalar";
        Kernels.Kernel vector = to.kernels.get("mat_vec", Map.of("team", to.teams.variant, "input", input, "weight", weight.variant()));
        Kernels.Kernel tiled = to.kernels.get("mat_mul", Map.of("input", input, "weight", weight.variant()));
        for (GpuWeight.Part part : weight.parts()) {
            int at = to.params.add(Rows.of(op.out()).word, columns, outputs, part.firstRow(), part.rows(), op.bias() == null ? 0 : 1);
            // Both kernels declare the same bindings, so one group serves both.
            GPUBindGroup group = to.bind(vector, at, to.buffers.of(op.out()), part.buffer(), to.buffers.of(op.x()), to.vector(op.bias()));
            to.dispatches.add(new Dispatch.MatMul(vector, tiled, group, Rows.of(op.out()), part.rows(), to.teams));
        }
    }
}
