package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;
import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * GGUF's weights of which all, or all of an expert, are multiplied with one number more: {@code blk.0.ffn_up.scale}, f32 [1] or [experts], belongs to
 * {@code blk.0.ffn_up.weight}, as converters of NVFP4 checkpoints write it. They are read as F16 with the number in them. What stands there as
 * {@code input_scale} is for devices that round activations to NVFP4 as well.
 */
final class ScaledTensors {
    private static final String WEIGHT = ".weight";

    private ScaledTensors() { }

    /** The tensors, NVFP4 with its scale converted; INVALID_CHECKPOINT where a scale does not fit, UNSUPPORTED_MODEL where it belongs to another format. */
    static Map<String, TensorEntry> of(Map<String, TensorEntry> tensors) {
        var scaled = new LinkedHashMap<>(tensors);
        tensors.forEach((name, tensor) -> {
            TensorEntry scale = name.endsWith(WEIGHT) ? tensors.get(name.substring(0, name.length() - WEIGHT.length()) + ".scale") : null;
            if (scale != null) {
                check(tensor, scale);
                scaled.put(name, new TensorEntry(name, DType.F16, tensor.shape(), scaled(tensor, scale.bytes(), (int) scale.shape().elements())));
            }
        });
        return scaled;
    }

    private static void check(TensorEntry tensor, TensorEntry scale) {
        if (tensor.dtype() != DType.NVFP4) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tensor " + tensor.name() + " (" + tensor.dtype() + ") is to be multiplied with "
                + scale.name() + ", which is known of NVFP4 only.", "Use another file of the model.");
        }
        long rows = tensor.shape().elements() / tensor.shape().last();
        if (scale.dtype() != DType.F32 || rows % Math.max(1, scale.shape().elements()) != 0 || scale.shape().elements() > rows) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The scale " + scale.name() + " is " + scale.dtype() + scale.shape() + ", expected one F32 for "
                + tensor.name() + tensor.shape() + " or for each of its matrices.", "");
        }
    }

    private static Bytes scaled(TensorEntry tensor, Bytes scales, int count) {
        int columns = tensor.shape().last();
        long rows = tensor.shape().elements() / columns;
        int sourceBytes = (int) DType.NVFP4.bytes(columns);
        return ConvertedBytes.rows(rows, 2 * columns, (first, some, target) -> {
            byte[] in = new byte[some * sourceBytes];
            tensor.bytes().awaitRead(first * sourceBytes, in, 0, in.length);
            float[] values = new float[some * columns];
            Quant.dequantize(DType.NVFP4, in, 0, values, 0, values.length);
            byte[] factor = new byte[4 * count];
            scales.awaitRead(0, factor, 0, factor.length);
            for (int i = 0; i < values.length; i++) {
                int at = (int) ((first + i / columns) / (rows / count)) * 4;
                values[i] *= Float.intBitsToFloat(factor[at] & 255 | (factor[at + 1] & 255) << 8 | (factor[at + 2] & 255) << 16 | factor[at + 3] << 24);
            }
            Quantizer.of(DType.F16, Rounding.PLAIN).quantize(values, null, 0, target, 0, values.length);
        });
    }
}
