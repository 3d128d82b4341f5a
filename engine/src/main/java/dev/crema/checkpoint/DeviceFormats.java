package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.quant.LatticeRepack;
import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Formats that no device computes with, as formats that all have: read on the way to the device. Exact but for 64-bit floats and whole numbers
 * above 2^24, which F32 rounds, and what {@link LatticeRepack} names.
 */
final class DeviceFormats {
    private DeviceFormats() { }

    /** The tensors, those that need it converted; what nobody can read stays as it is, and is refused where a model needs it. */
    static Map<String, TensorEntry> of(Map<String, TensorEntry> tensors) {
        var converted = new LinkedHashMap<String, TensorEntry>();
        tensors.forEach((name, tensor) -> converted.put(name, of(tensor)));
        return converted;
    }

    private static TensorEntry of(TensorEntry tensor) {
        DType from = tensor.dtype();
        DType to = target(from);
        return to == from ? tensor : new TensorEntry(tensor.name(), to, tensor.shape(), converted(tensor.bytes(), from, to));
    }

    /** The smallest that holds all numbers of {@code from}. */
    static DType target(DType from) {
        return switch (from) {
            case Q8_1 -> DType.Q8_0;
            case TQ1_0, TQ2_0, Q1_0, Q2_0 -> DType.Q4_0;
            case F8_E4M3, F8_E5M2, NVFP4 -> DType.F16;
            case F64, Q8_K, I8, I16, I32, I64 -> DType.F32;
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S -> LatticeRepack.target(from);
            default -> from;
        };
    }

    private static Bytes converted(Bytes source, DType from, DType to) {
        int elements = Math.max(from.blockSize(), to.blockSize());
        int sourceBytes = (int) from.bytes(elements);
        int targetBytes = (int) to.bytes(elements);
        if (from == DType.Q8_1) {
            return ConvertedBytes.blocks(source, sourceBytes, targetBytes, DeviceFormats::withoutSums);
        }
        if (LatticeRepack.target(from) != null) {
            return ConvertedBytes.blocks(source, sourceBytes, targetBytes, (in, out, blocks) -> new LatticeRepack(from).repack(in, out, blocks));
        }
        return ConvertedBytes.blocks(source, sourceBytes, targetBytes, (in, out, blocks) -> {
            float[] values = new float[blocks * elements];
            Quant.dequantize(from, in, 0, values, 0, values.length);
            if (to == DType.Q4_0) {
                ternary(in, from, values, out);
            } else {
                Quantizer.of(to, Rounding.PLAIN).quantize(values, null, 0, out, 0, values.length);
            }
        });
    }

    /** Blocks of Q8_1 have the sum of their quants behind the scale. */
    private static void withoutSums(byte[] in, byte[] out, int blocks) {
        for (int block = 0; block < blocks; block++) {
            System.arraycopy(in, block * 36, out, block * 34, 2);
            System.arraycopy(in, block * 36 + 4, out, block * 34 + 2, 32);
        }
    }

    /** Multiples of one scale, -1 to 2 of them, with the scale's own bits: nothing is rounded, even where a block is all zeros. */
    private static void ternary(byte[] in, DType from, float[] values, byte[] out) {
        for (int block = 0; block < values.length / 32; block++) {
            int scaleAt = block * 32 / from.blockSize() * from.blockBytes() + (from.blockSize() == 256 ? from.blockBytes() - 2 : 0);
            out[block * 18] = in[scaleAt];
            out[block * 18 + 1] = in[scaleAt + 1];
            float scale = Float16.toFloat(in[scaleAt] & 255 | (in[scaleAt + 1] & 255) << 8);
            for (int i = 0; i < 16; i++) {
                out[block * 18 + 2 + i] = (byte) (multiple(values[block * 32 + i], scale) + 8 | multiple(values[block * 32 + 16 + i], scale) + 8 << 4);
            }
        }
    }

    private static int multiple(float value, float scale) {
        return scale == 0 ? 0 : Math.round(value / scale);
    }
}
