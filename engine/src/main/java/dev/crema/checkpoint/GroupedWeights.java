package dev.crema.checkpoint;

import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/**
 * GPTQ (arXiv 2210.17323, as AutoGPTQ and GPTQModel store it) and AWQ (2306.00978, AutoAWQ's "gemm" layout). A linear layer {@code X} is {@code
 * X.qweight} (32-bit words; GPTQ packs along the input, AWQ along the output, in the order 0 2 4 6 1 3 5 7), {@code X.qzeros} (packed along the
 * output; GPTQ's are one less than they mean, unless {@code checkpoint_format} is {@code gptq_v2}), {@code X.scales} [groups, out] and, for GPTQ,
 * {@code X.g_idx}. An element is {@code (q - zero) * scale}.
 */
final class GroupedWeights {
    private static final int[] AWQ_PLACE = {0, 4, 1, 5, 2, 6, 3, 7};
    private static final DType[] FLOATS = {DType.F16, DType.BF16, DType.F32};

    private final PackedTensors tensors;
    private final boolean awq;
    private final int bits;
    private final int groupSize;
    private final boolean symmetric;
    private final boolean reordered;
    private final int zeroOffset;

    private GroupedWeights(PackedTensors tensors, Json.Obj config, boolean awq) {
        this.tensors = tensors;
        this.awq = awq;
        bits = PackedTensors.number(config, config.has("bits") ? "bits" : "w_bit", 4);
        groupSize = PackedTensors.number(config, config.has("group_size") ? "group_size" : "q_group_size", 128);
        symmetric = !awq && PackedTensors.flag(config, "sym", true);
        reordered = PackedTensors.flag(config, "desc_act", false);
        String format = PackedTensors.text(config, "checkpoint_format", "gptq");
        String version = PackedTensors.text(config, "version", "gemm");
        boolean known = awq ? bits == 4 && version.equalsIgnoreCase("gemm") : (bits == 2 || bits == 3 || bits == 4 || bits == 8)
            && (format.equals("gptq") || format.equals("gptq_v2"));
        if (!known || groupSize == 0 || groupSize < -1) {
            throw Damage.unsupported("The weights are quantised with " + (awq ? "AWQ, version " + version : "GPTQ, checkpoint_format " + format) + ", " + bits
                + " bits, groups of " + groupSize + ", which Crema does not read.", awq ? "AWQ with 4 bits in the \"gemm\" layout is read."
                : "GPTQ with 2, 3, 4 or 8 bits in the formats gptq and gptq_v2 is read.");
        }
        zeroOffset = awq || format.equals("gptq_v2") ? 0 : 1;
    }

    static void unpack(PackedTensors tensors, Json.Obj config, boolean awq) {
        var weights = new GroupedWeights(tensors, config, awq);
        for (String name : tensors.all.keySet()) {
            if (name.endsWith(".qweight")) {
                weights.replace(name.substring(0, name.length() - 8));
            }
        }
    }

    private void replace(String layer) {
        TensorEntry packed = tensors.get(layer + ".qweight", 2, DType.I32);
        TensorEntry zeros = tensors.get(layer + ".qzeros", 2, DType.I32);
        TensorEntry scales = tensors.get(layer + ".scales", 2, FLOATS);
        int out = scales.shape().extent(1);
        int in = awq ? packed.shape().extent(0) : packed.shape().extent(0) * 32 / bits;
        int group = groupSize == -1 ? in : groupSize;
        int groups = (in + group - 1) / group;
        Shape expected = awq ? Shape.of(in, out / 8) : Shape.of(in * bits / 32, out);
        if (!packed.shape().equals(expected) || out * bits % 32 != 0) {
            throw PackedTensors.mismatch(packed, expected + " beside scales " + scales.shape());
        }
        if (scales.shape().extent(0) != groups || !zeros.shape().equals(Shape.of(groups, out * bits / 32))) {
            throw PackedTensors.mismatch(zeros, "[" + groups + "," + out * bits / 32 + "], and scales " + scales.shape() + " of " + groups + " groups");
        }
        TensorEntry order = reordered ? tensors.get(layer + ".g_idx", 1, DType.I32) : null;
        if (order != null && order.shape().last() != in) {
            throw PackedTensors.mismatch(order, "[" + in + "]");
        }
        DType dtype = reordered ? DType.F16 : RowEncoder.fitting(bits, symmetric, in, group);
        int bytes = Math.toIntExact(dtype.bytes((long) in * out));
        var made = ConvertedBytes.whole(bytes, () -> awaitMake(packed, zeros, scales, order, dtype, in, out, group));
        tensors.replace(new TensorEntry(layer + ".weight", dtype, Shape.of(out, in), made), packed.name(), zeros.name(), scales.name(), layer + ".g_idx");
    }

    private byte[] awaitMake(TensorEntry packed, TensorEntry zeros, TensorEntry scales, TensorEntry order, DType dtype, int in, int out, int group) {
        byte[] words = PackedTensors.awaitBytes(packed);
        byte[] zeroWords = PackedTensors.awaitBytes(zeros);
        float[] scaleOf = PackedTensors.awaitFloats(scales);
        byte[] groupOf = order == null ? null : PackedTensors.awaitBytes(order);
        int groups = scales.shape().extent(0);
        RowEncoder.RowSource source = (row, quants, rowScales, rowZeros) -> {
            for (int i = 0; i < in; i++) {
                quants[i] = awq ? awq(words, i, row, out) : bitsAt(words, i, row, out);
            }
            for (int g = 0; g < groups; g++) {
                rowScales[g] = scaleOf[g * out + row];
                rowZeros[g] = zero(zeroWords, g, row, out);
                if ((dtype == DType.Q4_0 || dtype == DType.Q8_0) && rowZeros[g] != 1 << bits - 1) {
                    throw Damage.invalid(zeros.name(), "the config says \"sym\", but the zero of output " + row + " is " + rowZeros[g]);
                }
            }
        };
        return groupOf == null ? new RowEncoder(dtype, out, in, group).encode(source)
            : new RowEncoder(dtype, out, in, 1).encode(ungrouped(source, groupOf, groups, packed.name()));
    }

    /** With {@code desc_act}, each input says which group it is of: as groups of one. */
    private static RowEncoder.RowSource ungrouped(RowEncoder.RowSource source, byte[] groupOf, int groups, String name) {
        float[] groupScales = new float[groups];
        float[] groupZeros = new float[groups];
        return (row, quants, scales, zeros) -> {
            source.row(row, quants, groupScales, groupZeros);
            for (int i = 0; i < scales.length; i++) {
                int group = PackedTensors.word(groupOf, i);
                if (group < 0 || group >= groups) {
                    throw Damage.invalid(name, "input " + i + " is of group " + group + " of " + groups);
                }
                scales[i] = groupScales[group];
                zeros[i] = groupZeros[group];
            }
        };
    }

    private int zero(byte[] words, int group, int column, int out) {
        if (awq) {
            return awq(words, group, column, out);
        }
        int bit = column * bits;
        int base = group * (out * bits / 32) + bit / 32;
        return bits(PackedTensors.word(words, base), bit % 32 + bits > 32 ? PackedTensors.word(words, base + 1) : 0, bit % 32) + zeroOffset;
    }

    private int awq(byte[] words, int row, int column, int out) {
        return PackedTensors.word(words, row * (out / 8) + column / 8) >>> 4 * AWQ_PLACE[column % 8] & 15;
    }

    /** Element {@code i} of the stream of bits that goes down column {@code column}. */
    private int bitsAt(byte[] words, int i, int column, int out) {
        int bit = i * bits;
        int base = bit / 32;
        return bits(PackedTensors.word(words, base * out + column), bit % 32 + bits > 32 ? PackedTensors.word(words, (base + 1) * out + column) : 0, bit % 32);
    }

    private int bits(int word, int next, int shift) {
        int low = word >>> shift;
        return (shift + bits > 32 ? low | next << 32 - shift : low) & (1 << bits) - 1;
    }
}
