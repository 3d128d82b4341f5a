package dev.crema.web.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which form multiplies many rows of a shape class: what was measured on this adapter, else by the default that is shipped. */
final class FormTable {
    private final Kernels kernels;
    private final boolean software;
    private final Map<String, MatMulForm> measured = new LinkedHashMap<>();

    FormTable(Kernels kernels, boolean software) {
        this.kernels = kernels;
        this.software = software;
    }

    /** Mat-muls of one class are taken to be fastest in the same form: one number format, sizes within a factor of two. */
    static String shapeClass(GpuWeight weight) {
        return "mat_mul " + weight.variant() + " " + powerOfTwo(weight.columns()) + "x" + powerOfTwo(weight.rows());
    }

    private static int powerOfTwo(int size) {
        return Math.max(1, Integer.highestOneBit(2 * size - 1));
    }

    void put(String shapeClass, MatMulForm form) {
        measured.put(shapeClass, form);
    }

    MatMulForm of(GpuWeight weight) {
        List<MatMulForm> applicable = MatMulForm.applicable(kernels, weight);
        MatMulForm known = measured.get(shapeClass(weight));
        return known != null && applicable.contains(known) ? known : byDefault(applicable);
    }

    /**
     * The shipped default. On GPUs the form with the least to read and the widest products; in software, where a barrier costs more than
     * it gains, the one without.
     */
    private MatMulForm byDefault(List<MatMulForm> applicable) {
        List<MatMulForm> preferred = software ? List.of(MatMulForm.REGISTERS, MatMulForm.INT8, MatMulForm.TILE, MatMulForm.F16)
            : List.of(MatMulForm.INT8, MatMulForm.F16, MatMulForm.TILE, MatMulForm.REGISTERS);
        for (MatMulForm form : preferred) {
            if (applicable.contains(form)) {
                return form;
            }
        }
        throw new IllegalStateException("no form applies");
    }
}
