package dev.crema.web.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which form multiplies many rows of a shape class: what a tuner found on this adapter, else the default that is shipped. */
final class FormTable {
    private record Entry(MatMulForm form, String why) { }

    private final Kernels kernels;
    private final List<MatMulForm> preferred;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private FormTable(Kernels kernels, List<MatMulForm> preferred) {
        this.kernels = kernels;
        this.preferred = preferred;
    }

    /**
     * The shipped default. On GPUs the form with the least to read and the widest products; in software, where a barrier costs more than
     * it gains, the one without.
     */
    static FormTable byDefault(Kernels kernels, boolean software) {
        return new FormTable(kernels, software ? List.of(MatMulForm.REGISTERS, MatMulForm.INT8, MatMulForm.TILE, MatMulForm.F16)
            : List.of(MatMulForm.INT8, MatMulForm.F16, MatMulForm.TILE, MatMulForm.REGISTERS));
    }

    /** One form, for a race. */
    static FormTable only(Kernels kernels, MatMulForm form) {
        return new FormTable(kernels, List.of(form));
    }

    /**
     * Mat-muls of one class are taken to be fastest in the same form: a number format, and columns within a factor of two. Outputs do not
     * count: with many rows there are tiles enough for any GPU.
     */
    static String shapeClass(GpuWeight weight) {
        return "mat_mul " + weight.variant() + " " + Math.max(1, Integer.highestOneBit(2 * weight.columns() - 1));
    }

    boolean knows(String shapeClass) {
        return entries.containsKey(shapeClass);
    }

    void put(String shapeClass, MatMulForm form, String why) {
        entries.put(shapeClass, new Entry(form, why));
    }

    MatMulForm of(GpuWeight weight) {
        List<MatMulForm> applicable = MatMulForm.applicable(kernels, weight);
        Entry known = entries.get(shapeClass(weight));
        if (known != null && applicable.contains(known.form)) {
            return known.form;
        }
        for (MatMulForm form : preferred) {
            if (applicable.contains(form)) {
                return form;
            }
        }
        throw new IllegalStateException("none of " + preferred + " multiplies by " + weight.weight());
    }

    /** A line for each class that was tuned: {@code mat_mul q4_0 1024: mat_mul.int8 (stored)}. */
    List<String> report() {
        var lines = new ArrayList<String>();
        entries.forEach((shapeClass, entry) -> lines.add(shapeClass + ": " + entry.form.kernel + " (" + entry.why + ")"));
        return lines;
    }
}
