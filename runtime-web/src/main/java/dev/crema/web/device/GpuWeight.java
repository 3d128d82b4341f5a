package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.web.gpu.GPUBuffer;

import java.util.ArrayList;
import java.util.List;

/**
 * A weight on the GPU in its own format: one buffer, or several of whole rows where one binding can't hold it. A vector is one row.
 *
 * @param memory that the buffers belong to
 */
record GpuWeight(Weight weight, GpuMemory memory, List<Part> parts) {
    /** Rows {@code firstRow .. firstRow + rows}. */
    record Part(GPUBuffer buffer, int firstRow, int rows, long bytes) { }

    /** Makes the buffers; the contents come later. */
    static GpuWeight allocate(Weight weight, GpuMemory memory, long maxBindingBytes) {
        int rows = weight.shape().rank() == 1 ? 1 : weight.shape().extent(0);
        long rowBytes = weight.dtype().bytes(weight.shape().last());
        // A block format's kernels read up to the end of a word, and buffers are whole vec4s.
        long rowsThatFit = (maxBindingBytes - 16) / Math.max(1, rowBytes);
        if (rowsThatFit < 1) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "A row of the weight " + weight + " has " + rowBytes
                + " bytes, and a kernel on this GPU reads at most " + maxBindingBytes + " at once.", "Choose a smaller model.");
        }
        int partRows = (int) Math.min(rows, rowsThatFit);
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

    /** The variant of the shader slot {@code weight} that reads it. */
    String variant() {
        return switch (weight.dtype()) {
            case F32 -> byRow("f32");
            case F16 -> byRow("f16");
            case BF16 -> byRow("bf16");
            case Q8_0 -> "q8_0";
            case Q4_0 -> "q4_0";
            default -> throw new IllegalStateException("no kernel reads " + weight);
        };
    }

    private String byRow(String format) {
        return columns() % 4 == 0 ? format : format + "_scalar";
    }

    static boolean supports(DType format) {
        return switch (format) {
            case F32, F16, BF16, Q8_0, Q4_0 -> true;
            default -> false;
        };
    }

    void free() {
        for (Part part : parts) {
            memory.free(part.buffer);
        }
    }
}
