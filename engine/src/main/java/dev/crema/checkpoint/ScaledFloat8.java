package dev.crema.checkpoint;

import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/**
 * 8-bit floats with scales beside them: {@code X.weight_scale_inv} of blocks (DeepSeek-V3 and what transformers calls "fp8"; the name notwithstanding it
 * multiplies), or {@code X.weight_scale} of the tensor or of each row ("fbgemm_fp8", "compressed-tensors"). They become BF16, which has four more
 * bits than such a float and the range of the scale.
 */
final class ScaledFloat8 {
    private ScaledFloat8() { }

    static void unpack(PackedTensors tensors) {
        for (TensorEntry weight : tensors.all.values()) {
            if ((weight.dtype() == DType.F8_E4M3 || weight.dtype() == DType.F8_E5M2) && weight.shape().rank() == 2) {
                for (String suffix : new String[] {"_scale_inv", "_scale"}) {
                    if (tensors.all.containsKey(weight.name() + suffix)) {
                        replace(tensors, weight, tensors.all.get(weight.name() + suffix));
                    }
                }
            }
        }
        for (String name : tensors.all.keySet()) {
            if (name.endsWith(".input_scale") || name.endsWith(".input_scale_ub")) {
                // Of activations, which are not rounded here.
                tensors.remove(name);
            }
        }
    }

    private static void replace(PackedTensors tensors, TensorEntry weight, TensorEntry scale) {
        int rows = weight.shape().extent(0);
        int columns = weight.shape().last();
        Shape shape = scale.shape();
        int scaleRows = shape.rank() == 0 ? 1 : shape.extent(0);
        int scaleColumns = shape.rank() < 2 ? 1 : shape.extent(1);
        if (shape.rank() > 2 || scaleRows < 1 || scaleColumns < 1 || scaleRows > rows || scaleColumns > columns) {
            throw PackedTensors.mismatch(scale, "one scale for each block of " + weight.shape());
        }
        // Blocks are of a power of two; the last of a row or column may be cut.
        int blockRows = blockSize(rows, scaleRows);
        int blockColumns = blockSize(columns, scaleColumns);
        if ((rows + blockRows - 1) / blockRows != scaleRows || (columns + blockColumns - 1) / blockColumns != scaleColumns) {
            throw PackedTensors.mismatch(scale, "one scale for each block of " + weight.shape());
        }
        var made = ConvertedBytes.whole(Math.toIntExact(2L * rows * columns), () -> {
            byte[] source = PackedTensors.awaitBytes(weight);
            float[] scales = PackedTensors.awaitFloats(scale);
            byte[] bytes = new byte[2 * rows * columns];
            float[] row = new float[columns];
            for (int r = 0; r < rows; r++) {
                Quant.dequantize(weight.dtype(), source, r * columns, row, 0, columns);
                for (int c = 0; c < columns; c++) {
                    row[c] *= scales[r / blockRows * scaleColumns + c / blockColumns];
                }
                Quant.quantize(DType.BF16, row, 0, bytes, 2 * r * columns, columns);
            }
            return bytes;
        });
        tensors.replace(new TensorEntry(weight.name(), DType.BF16, weight.shape(), made), scale.name());
    }

    private static int blockSize(int extent, int blocks) {
        if (blocks == 1 || blocks == extent) {
            return extent / blocks;
        }
        int size = 1;
        while ((extent + size - 1) / size > blocks) {
            size *= 2;
        }
        return size;
    }
}
