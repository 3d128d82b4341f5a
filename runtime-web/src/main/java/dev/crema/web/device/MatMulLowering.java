package dev.crema.web.device;

import dev.crema.graph.Value;
import dev.crema.web.gpu.GPUBindGroup;
import dev.crema.web.gpu.GPUBuffer;

import java.util.Map;

/** Mat-muls of many rows, by tiles, in the form that suits the adapter. */
final class MatMulLowering {
    private final Lowering to;

    MatMulLowering(Lowering to) {
        this.to = to;
    }

    /**
     * {@code out[:, first..] = x * weight^T (+ bias) (+ residual)} for the rows of {@code rowsOf}.
     *
     * @param bias     of all outputs, or null
     * @param residual rows as in out, in another buffer, or null
     * @param out      rows of {@code width} floats, of which the weight makes those from {@code first} on
     */
    void manyRows(GpuWeight weight, int first, GPUBuffer x, GPUBuffer bias, GPUBuffer residual, GPUBuffer out, int width, Value rowsOf) {
        manyRows(to.forms.of(weight), weight, first, x, bias, residual, out, width, rowsOf);
    }

    private void manyRows(MatMulForm form, GpuWeight weight, int first, GPUBuffer x, GPUBuffer bias, GPUBuffer residual, GPUBuffer out, int width,
            Value rowsOf) {
        Kernels.Kernel kernel = to.kernels.get(form.kernel, MatMulForm.slots(weight));
        if (form.input != MatMulForm.Input.FLOATS) {
            to.rounds();
        }
        GPUBuffer[] packed = pack(form.input, weight, x, rowsOf);
        GPUBuffer biasOrNot = bias == null ? to.buffers.nothing : bias;
        GPUBuffer residualOrNot = residual == null ? to.buffers.nothing : residual;
        for (GpuWeight.Part part : weight.parts()) {
            int at = to.params.add(Rows.of(rowsOf).word, weight.columns(), width, first + part.firstRow(), part.rows(), bias == null ? 0 : 1,
                residual == null ? 0 : 1);
            GPUBindGroup group = packed == null ? to.bind(kernel, at, out, part.buffer(), x, biasOrNot, residualOrNot)
                : to.bind(kernel, at, out, part.buffer(), packed[0], biasOrNot, residualOrNot, packed[1]);
            to.dispatches().add(new Dispatch.Tiled(kernel, group, Rows.of(rowsOf), part.rows(), form));
        }
    }

    /** Launches what prepares the activations; gives them and their scales, or null where they are read as they are. */
    private GPUBuffer[] pack(MatMulForm.Input input, GpuWeight weight, GPUBuffer x, Value rowsOf) {
        int columns = weight.columns();
        int blocks = (columns + 31) / 32;
        return switch (input) {
            case FLOATS -> null;
            case BYTES -> {
                GPUBuffer packed = to.buffers.scratch("bytes", rowsOf, blocks * 8);
                GPUBuffer scales = to.buffers.scratch("bytes.scales", rowsOf, blocks * 4);
                Kernels.Kernel kernel = to.kernels.get("pack_bytes", MatMulForm.slots(weight));
                int at = to.params.add(Rows.of(rowsOf).word, columns);
                to.invocations(kernel, to.bind(kernel, at, packed, scales, x), rowsOf, blocks);
                yield new GPUBuffer[] {packed, scales};
            }
            case HALVES -> {
                GPUBuffer packed = to.buffers.scratch("halves", rowsOf, blocks * 16);
                GPUBuffer scales = to.buffers.scratch("halves.scales", rowsOf, 1);
                Map<String, String> slots = MatMulForm.slots(weight);
                slots.put("team", to.teams.variant);
                Kernels.Kernel kernel = to.kernels.get("pack_halves", slots);
                int at = to.params.add(Rows.of(rowsOf).word, columns);
                to.teams(kernel, to.bind(kernel, at, packed, scales, x), rowsOf, 1);
                yield new GPUBuffer[] {packed, scales};
            }
        };
    }
}
