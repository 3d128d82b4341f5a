package dev.crema.web.device;

import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.web.gpu.GPUBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * A weight on the GPU in its own format: one buffer, or several of whole rows where one binding can't hold it. A vector is one row; the
 * rows of stacked matrices stand one after the other.
 *
 * @param memory that the buffers belong to
 */
record GpuWeight(Weight weight, GpuMemory memory, List<Part> parts) {
    /** Rows {@code firstRow .. firstRow + rows}. */
    record Part(GPUBuffer buffer, int firstRow, int rows, long bytes) {
        /** The first row after it. */
        int end() {
            return firstRow + rows;
        }
    }

    /** Rows of a weight that one buffer of up to {@code partBytes} holds, at least one. */
    static int mostRows(Weight weight, long partBytes) {
        // Less the end of a vec4, to which buffers are rounded up.
        return (int) Math.min(Integer.MAX_VALUE, Math.max(1, (partBytes - 16) / Math.max(1, weight.dtype().bytes(weight.shape().last()))));
    }

    /** Makes the buffers, of up to {@code mostRows} rows and, if that goes, a multiple of {@code unit} of them; the contents come later. */
    static GpuWeight allocate(Weight weight, GpuMemory memory, int mostRows, int unit) {
        int rows = (int) (weight.shape().elements() / weight.shape().last());
        long rowBytes = weight.dtype().bytes(weight.shape().last());
        int matrixRows = weight.shape().rank() == 3 ? weight.shape().extent(1) : 1;
        int partRows = Math.min(rows, mostRows);
        if (partRows < rows) {
            // Whole experts where one fits, so that none needs two kernels; else four rows, which are whole words in every format and so can
            // be copied from one buffer to another.
            int step = matrixRows > 1 && partRows >= matrixRows ? matrixRows : partRows >= 4 * unit ? 4 * unit : unit;
            partRows -= partRows % step;
        }
        var parts = new ArrayList<Part>();
        for (int first = 0; first < rows; first += partRows) {
            int count = Math.min(partRows, rows - first);
            parts.add(new Part(memory.storage(weight.name(), count * rowBytes), first, count, count * rowBytes));
        }
        return new GpuWeight(weight, memory, parts);
    }

    int columns() {
        return weight.shape().last();
    }

    int rows() {
        return weight.shape().rank() == 1 ? 1 : weight.shape().extent(0);
    }

    long rowBytes() {
        return weight.dtype().bytes(columns());
    }

    Part partOf(int row) {
        for (Part part : parts) {
            if (row < part.end()) {
                return part;
            }
        }
        throw new IllegalArgumentException("row " + row + " of " + weight);
    }

    /** The variant of the shader slot {@code weight} that reads it. */
    String variant() {
        return switch (weight.dtype()) {
            case F32 -> byRow("f32");
            case F16 -> byRow("f16");
            case BF16 -> byRow("bf16");
            case Q4_0 -> "q4_0";
            case Q4_1 -> "q4_1";
            case Q5_0 -> "q5_0";
            case Q5_1 -> "q5_1";
            case Q8_0 -> "q8_0";
            case Q2_K -> "q2_k";
            case Q3_K -> "q3_k";
            case Q4_K -> "q4_k";
            case Q5_K -> "q5_k";
            case Q6_K -> "q6_k";
            case IQ4_NL -> "iq4_nl";
            case IQ4_XS -> "iq4_xs";
            case MXFP4 -> "mxfp4";
            case IQ2_LEVELS -> "iq2_levels";
            default -> throw new IllegalStateException("no kernel reads " + weight);
        };
    }

    private String byRow(String format) {
        return columns() % 4 == 0 ? format : format + "_scalar";
    }

    static boolean supports(DType format) {
        return switch (format) {
            case F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4, IQ2_LEVELS -> true;
            default -> false;
        };
    }

    void free() {
        for (Part part : parts) {
            memory.free(part.buffer);
        }
    }
}
