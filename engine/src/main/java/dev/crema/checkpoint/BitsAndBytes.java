package dev.crema.checkpoint;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;

/**
 * bitsandbytes as transformers stores it. Four bits (QLoRA, arXiv 2305.14314; {@code nf4} and {@code fp4}): {@code X.weight} holds nibbles, high ones
 * first, each a place in {@code X.weight.quant_map}, times {@code X.weight.absmax} of its block; with double quantisation the latter is a byte that
 * is a place in {@code nested_quant_map}, times {@code nested_absmax} of its own block, plus {@code nested_offset}. Eight bits (2208.07339):
 * {@code X.weight} times {@code X.SCB} / 127 of its row. Four bits become F16, for their 16 levels are no device's; eight bits Q8_0.
 */
final class BitsAndBytes {
    private static final String STATE = ".quant_state.bitsandbytes__";

    private BitsAndBytes() { }

    static void awaitUnpack(PackedTensors tensors) {
        for (String name : tensors.all.keySet()) {
            int at = name.indexOf(STATE);
            if (at > 0) {
                awaitFourBits(tensors, name.substring(0, at), name);
            } else if (name.endsWith(".SCB")) {
                eightBits(tensors, name.substring(0, name.length() - 4));
            }
        }
    }

    private static void awaitFourBits(PackedTensors tensors, String weight, String stateName) {
        TensorEntry stateBytes = tensors.get(stateName, 1, DType.U8);
        if (stateBytes.shape().last() > 1 << 16) {
            throw PackedTensors.mismatch(stateBytes, "a short text");
        }
        Json.Obj state = JsonParser.parseObject(new String(PackedTensors.awaitBytes(stateBytes), StandardCharsets.UTF_8));
        TensorEntry packed = tensors.get(weight, 2, DType.U8);
        Shape shape = shape(stateName, state);
        int blockSize = PackedTensors.number(state, "blocksize", 0);
        long elements = shape.elements();
        if (blockSize < 1 || packed.shape().elements() != (elements + 1) / 2 || elements > Integer.MAX_VALUE / 2) {
            throw PackedTensors.mismatch(packed, "the nibbles of " + shape + " in blocks of " + blockSize);
        }
        TensorEntry map = tensors.get(weight + ".quant_map", 1, DType.F32);
        boolean nested = tensors.all.containsKey(weight + ".nested_absmax");
        TensorEntry absmax = tensors.get(weight + ".absmax", 1, nested ? DType.U8 : DType.F32);
        long blocks = (elements + blockSize - 1) / blockSize;
        if (map.shape().last() != 16 || absmax.shape().last() != blocks) {
            throw PackedTensors.mismatch(absmax, "[" + blocks + "], and a quant_map of 16");
        }
        var made = ConvertedBytes.whole((int) (2 * elements), () -> {
            float[] scales = nested ? awaitNested(tensors, weight, absmax, state) : PackedTensors.awaitFloats(absmax);
            return fourBits(PackedTensors.awaitBytes(packed), PackedTensors.awaitFloats(map), scales, blockSize, (int) elements);
        });
        tensors.replace(new TensorEntry(weight, DType.F16, shape, made), stateName, map.name(), absmax.name(), weight + ".nested_absmax",
            weight + ".nested_quant_map");
    }

    private static Shape shape(String name, Json.Obj state) {
        if (state.get("shape") instanceof Json.Arr shape && shape.size() == 2) {
            int[] extents = new int[2];
            for (int i = 0; i < 2; i++) {
                extents[i] = shape.get(i) instanceof Json.Num number && number.isInteger() && number.text().length() < 10 ? (int) number.longValue() : -1;
            }
            if (extents[0] > 0 && extents[1] > 0) {
                return Shape.of(extents);
            }
        }
        throw Damage.invalid(name, "its shape is " + state.get("shape") + ", expected two extents");
    }

    private static float[] awaitNested(PackedTensors tensors, String weight, TensorEntry absmax, Json.Obj state) {
        float[] outer = PackedTensors.awaitFloats(tensors.get(weight + ".nested_absmax", 1, DType.F32));
        float[] map = PackedTensors.awaitFloats(tensors.get(weight + ".nested_quant_map", 1, DType.F32));
        int blockSize = PackedTensors.number(state, "nested_blocksize", 0);
        float offset = state.get("nested_offset") instanceof Json.Num number ? (float) number.doubleValue() : 0;
        byte[] codes = PackedTensors.awaitBytes(absmax);
        if (map.length != 256 || blockSize < 1 || outer.length != (codes.length + blockSize - 1) / blockSize) {
            throw PackedTensors.mismatch(absmax, outer.length + " blocks of " + blockSize + " and a nested_quant_map of 256");
        }
        float[] scales = new float[codes.length];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = map[codes[i] & 255] * outer[i / blockSize] + offset;
        }
        return scales;
    }

    private static byte[] fourBits(byte[] packed, float[] map, float[] scales, int blockSize, int elements) {
        byte[] halves = new byte[2 * elements];
        for (int i = 0; i < elements; i++) {
            int code = i % 2 == 0 ? packed[i / 2] >> 4 & 15 : packed[i / 2] & 15;
            int half = Float16.fromFloat(map[code] * scales[i / blockSize]);
            halves[2 * i] = (byte) half;
            halves[2 * i + 1] = (byte) (half >> 8);
        }
        return halves;
    }

    private static void eightBits(PackedTensors tensors, String layer) {
        TensorEntry weight = tensors.get(layer + ".weight", 2, DType.I8);
        TensorEntry rowScales = tensors.get(layer + ".SCB", 1, DType.F32);
        int rows = weight.shape().extent(0);
        int columns = weight.shape().last();
        if (rowScales.shape().last() != rows) {
            throw PackedTensors.mismatch(rowScales, "[" + rows + "]");
        }
        DType dtype = columns % 32 == 0 ? DType.Q8_0 : DType.F16;
        var made = ConvertedBytes.whole(Math.toIntExact(dtype.bytes(weight.shape().elements())), () -> {
            byte[] quants = PackedTensors.awaitBytes(weight);
            float[] scales = PackedTensors.awaitFloats(rowScales);
            return new RowEncoder(dtype, rows, columns, columns).encode((row, rowQuants, scale, zero) -> {
                for (int i = 0; i < columns; i++) {
                    rowQuants[i] = quants[row * columns + i];
                }
                scale[0] = scales[row] / 127;
            });
        });
        tensors.replace(new TensorEntry(layer + ".weight", dtype, weight.shape(), made), rowScales.name(), layer + ".weight_format");
    }
}
