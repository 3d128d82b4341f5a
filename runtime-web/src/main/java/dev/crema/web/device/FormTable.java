package dev.crema.web.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which form multiplies by the weights of a shape class: what a tuner found on this adapter, else the default that is shipped. */
final class FormTable {
    /** A form by its name, and why it was taken. */
    private record Entry(String form, String why) { }

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

    /** One form for a class, for a race. */
    static FormTable racing(Kernels kernels, String shapeClass, String form) {
        FormTable table = byDefault(kernels, true);
        table.put(shapeClass, form, "races");
        return table;
    }

    /**
     * Mat-muls of one class are taken to be fastest in the same form: a number format, and columns within a factor of two. Outputs do not
     * count: with many rows there are tiles enough for any GPU.
     */
    static String matMulClass(GpuWeight weight) {
        return shapeClass("mat_mul", weight);
    }

    /** The same for few rows, as decode steps have. Outputs do not count: each team makes four, by itself. */
    static String matVecClass(GpuWeight weight) {
        return shapeClass("mat_vec", weight);
    }

    private static String shapeClass(String kernel, GpuWeight weight) {
        return kernel + " " + weight.variant() + " " + Math.max(1, Integer.highestOneBit(2 * weight.columns() - 1));
    }

    boolean knows(String shapeClass) {
        return entries.containsKey(shapeClass);
    }

    void put(String shapeClass, String form, String why) {
        entries.put(shapeClass, new Entry(form, why));
    }

    /** How many rows are multiplied. */
    MatMulForm of(GpuWeight weight) {
        List<MatMulForm> applicable = MatMulForm.applicable(kernels, weight);
        Entry known = entries.get(matMulClass(weight));
        if (known != null && applicable.contains(MatMulForm.of(known.form))) {
            return MatMulForm.of(known.form);
        }
        for (MatMulForm form : preferred) {
            if (applicable.contains(form)) {
                return form;
            }
        }
        throw new IllegalStateException("none of " + preferred + " multiplies by " + weight.weight());
    }

    /** How teams that multiply few rows add up. */
    TeamForm teamOf(GpuWeight weight, Teams teams) {
        List<TeamForm> applicable = TeamForm.applicable(kernels, teams);
        Entry known = entries.get(matVecClass(weight));
        return known != null && applicable.contains(TeamForm.of(known.form)) ? TeamForm.of(known.form) : applicable.get(0);
    }

    /** A line for each class that was tuned: {@code mat_mul q4_0 1024: mat_mul.int8 (stored)}. */
    List<String> report() {
        var lines = new ArrayList<String>();
        entries.forEach((shapeClass, entry) -> lines.add(shapeClass + ": " + entry.form + " (" + entry.why + ")"));
        return lines;
    }
}
