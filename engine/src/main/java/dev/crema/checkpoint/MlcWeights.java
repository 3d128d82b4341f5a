package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * MLC's group quantisation (q4f16_1, q4f32_1, q3f16_1 and the like; "_1" has a weight's rows as they are) and its fused layers. {@code X.q_weight} [out,
 * words] has 8 quants of 4 bits or 10 of 3 in a 32-bit word, low bits first; {@code X.q_scale} [out, groups] is of 32 or 40 neighbours; an element
 * is {@code (q - 7) * scale}, or {@code q - 3}. Four bits become Q4_0, which for f16 scales loses nothing, three F16.
 */
final class MlcWeights {
    private static final DType[] FLOATS = {DType.F16, DType.BF16, DType.F32};

    private final int bits;
    private final Json.Obj config;
    private final PackedTensors tensors;

    MlcWeights(String quantization, Json.Obj config, Map<String, TensorEntry> stored) {
        this.config = config;
        tensors = new PackedTensors(stored);
        bits = switch (quantization) {
            case "q0f16", "q0f32", "q0bf16" -> 0;
            case "q4f16_1", "q4f32_1", "q4bf16_1" -> 4;
            case "q3f16_1" -> 3;
            default -> throw Damage.unsupported("The MLC model is quantised as \"" + quantization + "\", which Crema does not read.",
                "q4f16_1, q4f32_1, q4bf16_1, q3f16_1, q0f16, q0bf16 and q0f32 are read.");
        };
    }

    Map<String, TensorEntry> unpack() {
        for (String name : tensors.all.keySet()) {
            if (bits > 0 && name.endsWith(".q_weight")) {
                replace(name.substring(0, name.length() - 9));
            }
        }
        var separate = new LinkedHashMap<String, TensorEntry>();
        for (TensorEntry tensor : tensors.result().values()) {
            addParts(tensor, separate);
        }
        return DeviceFormats.of(separate);
    }

    private void replace(String layer) {
        TensorEntry words = tensors.get(layer + ".q_weight", 2, DType.U32);
        TensorEntry scales = tensors.get(layer + ".q_scale", 2, FLOATS);
        int perWord = 32 / bits;
        int group = bits == 4 ? 32 : 40;
        int rows = words.shape().extent(0);
        int stride = words.shape().last();
        int columns = columns(layer, stride * perWord);
        int groups = (columns + group - 1) / group;
        if (!scales.shape().equals(Shape.of(rows, groups)) || stride * perWord < columns || stride > groups * group / perWord) {
            throw PackedTensors.mismatch(scales, Shape.of(rows, groups) + " beside q_weight " + words.shape() + " for " + columns + " columns");
        }
        DType dtype = bits == 4 ? RowEncoder.fitting(4, true, columns, group) : DType.F16;
        int zero = (1 << bits - 1) - 1;
        var made = ConvertedBytes.whole(Math.toIntExact(dtype.bytes((long) rows * columns)), () -> {
            byte[] packed = PackedTensors.awaitBytes(words);
            float[] scaleOf = PackedTensors.awaitFloats(scales);
            return new RowEncoder(dtype, rows, columns, group).encode((row, quants, rowScales, rowZeros) -> {
                for (int i = 0; i < columns; i++) {
                    quants[i] = PackedTensors.word(packed, row * stride + i / perWord) >>> i % perWord * bits & (1 << bits) - 1;
                    if (quants[i] > 2 * zero + (bits == 3 ? 1 : 0)) {
                        throw Damage.invalid(words.name(), "the quant of row " + row + ", column " + i + " is " + quants[i] + ", at most " + 2 * zero
                            + " is possible");
                    }
                }
                for (int g = 0; g < groups; g++) {
                    rowScales[g] = scaleOf[row * groups + g];
                    rowZeros[g] = zero;
                }
            });
        });
        tensors.replace(new TensorEntry(layer + ".weight", dtype, Shape.of(rows, columns), made), words.name(), scales.name());
    }

    /** What the layer reads: words may have room for some more elements. */
    private int columns(String layer, int room) {
        int hidden = PackedTensors.number(config, "hidden_size", room);
        if (layer.endsWith("down_proj")) {
            return PackedTensors.number(config, "intermediate_size", room);
        }
        if (layer.endsWith("o_proj")) {
            return heads("num_attention_heads") * headDim();
        }
        return hidden;
    }

    private int heads(String key) {
        return PackedTensors.number(config, key, PackedTensors.number(config, "num_attention_heads", 1));
    }

    private int headDim() {
        return PackedTensors.number(config, "head_dim", PackedTensors.number(config, "hidden_size", 1) / heads("num_attention_heads"));
    }

    private void addParts(TensorEntry tensor, Map<String, TensorEntry> into) {
        String name = tensor.name();
        int kv = heads("num_key_value_heads") * headDim();
        for (String fused : new String[] {".qkv_proj.", ".c_attn."}) {
            if (name.contains(fused)) {
                split(tensor, fused, new String[] {".q_proj.", ".k_proj.", ".v_proj."}, new int[] {heads("num_attention_heads") * headDim(), kv, kv}, into);
                return;
            }
        }
        if (name.contains(".gate_up_proj.")) {
            int half = tensor.shape().extent(0) / 2;
            split(tensor, ".gate_up_proj.", new String[] {".gate_proj.", ".up_proj."}, new int[] {half, half}, into);
            return;
        }
        into.put(name, tensor);
    }

    /** Rows one after the other become tensors of their own. */
    private static void split(TensorEntry tensor, String fused, String[] parts, int[] rows, Map<String, TensorEntry> into) {
        int all = 0;
        for (int count : rows) {
            all += count;
        }
        int extent = tensor.shape().extent(0);
        if (all != extent || extent == 0) {
            throw PackedTensors.mismatch(tensor, all + " rows");
        }
        long rowBytes = tensor.bytes().length() / extent;
        long row = 0;
        for (int i = 0; i < parts.length; i++) {
            Bytes bytes = tensor.bytes().slice(row * rowBytes, rows[i] * rowBytes);
            Shape shape = tensor.shape().rank() == 1 ? Shape.of(rows[i]) : Shape.of(rows[i], tensor.shape().last());
            String name = tensor.name().replace(fused, parts[i]);
            into.put(name, new TensorEntry(name, tensor.dtype(), shape, bytes));
            row += rows[i];
        }
    }
}
