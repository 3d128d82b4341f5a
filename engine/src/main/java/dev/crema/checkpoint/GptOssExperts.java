package dev.crema.checkpoint;

import dev.crema.device.Bytes;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

/**
 * gpt-oss's experts as OpenAI published them, {@code X.mlp.experts.}: {@code gate_up_proj_blocks} [experts, 2*size, hidden/32, 16] and
 * {@code gate_up_proj_scales} [experts, 2*size, hidden/32], whose even rows are the gate's and odd ones those of up, and {@code down_proj_*}
 * [experts, hidden, size/32, ...]; {@code gate_up_proj_bias} [experts, 2*size], {@code down_proj_bias} [experts, hidden]. Or, where they were dequantised,
 * {@code gate_up_proj} [experts, hidden, 2*size] and {@code down_proj} [experts, size, hidden]. They become {@code gate_proj, up_proj, down_proj} with weight
 * and bias, in MXFP4 as ggml has it or in the format that they are in.
 *
 * <p>A published block has two neighbours in each byte, the first in the low half; ggml's has elements {@code i} and {@code i + 16}, and the scale before.
 */
final class GptOssExperts {
    private static final int BLOCK = 32;
    private static final int HALF = BLOCK / 2;
    private static final String EXPERTS = ".mlp.experts.";

    private GptOssExperts() { }

    static void unpack(PackedTensors tensors) {
        for (TensorEntry tensor : tensors.all.values()) {
            int at = tensor.name().indexOf(EXPERTS);
            if (at < 0) {
                continue;
            }
            String before = tensor.name().substring(0, at + EXPERTS.length());
            switch (tensor.name().substring(before.length())) {
                case "gate_up_proj_blocks" -> blocks(tensors, before, "gate_up_proj", "gate_proj", "up_proj");
                case "down_proj_blocks" -> blocks(tensors, before, "down_proj", "down_proj");
                case "gate_up_proj" -> turned(tensors, tensor, before, "gate_proj", "up_proj");
                case "down_proj" -> turned(tensors, tensor, before, "down_proj");
                case "gate_up_proj_bias" -> biases(tensors, tensor, before, "gate_proj", "up_proj");
                case "down_proj_bias" -> biases(tensors, tensor, before, "down_proj");
                default -> { }
            }
        }
    }

    /** Rows of several tensors take turns. */
    private static void blocks(PackedTensors tensors, String before, String name, String... parts) {
        TensorEntry codes = tensors.get(before + name + "_blocks", 4, DType.U8);
        TensorEntry scales = tensors.get(before + name + "_scales", 3, DType.U8);
        int experts = codes.shape().extent(0);
        int rows = codes.shape().extent(1);
        int count = codes.shape().extent(2);
        if (codes.shape().last() != HALF || rows % parts.length != 0 || !scales.shape().equals(Shape.of(experts, rows, count))) {
            throw PackedTensors.mismatch(scales, "a scale for each block of " + codes.shape() + " of " + codes.name() + ", with 16 bytes a block");
        }
        int targetBytes = Math.multiplyExact(count, DType.MXFP4.blockBytes());
        for (int part = 0; part < parts.length; part++) {
            int first = part;
            var made = ConvertedBytes.rows((long) experts * rows / parts.length, targetBytes, (from, rowCount, target) -> {
                byte[] code = awaitRows(codes.bytes(), from * parts.length, rowCount * parts.length, count * HALF);
                byte[] scale = awaitRows(scales.bytes(), from * parts.length, rowCount * parts.length, count);
                for (int row = 0; row < rowCount; row++) {
                    for (int block = 0; block < count; block++) {
                        int source = (row * parts.length + first) * count + block;
                        pack(code, source * HALF, scale[source], target, (row * count + block) * DType.MXFP4.blockBytes());
                    }
                }
            });
            tensors.replace(new TensorEntry(before + parts[part] + ".weight", DType.MXFP4, Shape.of(experts, rows / parts.length,
                Math.multiplyExact(count, BLOCK)), made), codes.name(), scales.name());
        }
    }

    private static void pack(byte[] codes, int from, byte scale, byte[] target, int to) {
        target[to] = scale;
        for (int i = 0; i < HALF; i++) {
            target[to + 1 + i] = (byte) (nibble(codes, from, i) | nibble(codes, from, i + HALF) << 4);
        }
    }

    private static int nibble(byte[] codes, int from, int i) {
        return codes[from + i / 2] >> i % 2 * 4 & 15;
    }

    private static byte[] awaitRows(Bytes source, long first, int count, int rowBytes) {
        byte[] bytes = new byte[Math.multiplyExact(count, rowBytes)];
        source.awaitRead(first * rowBytes, bytes, 0, bytes.length);
        return bytes;
    }

    /** [experts, in, parts*out] to [experts, out, in] each; an expert is in memory at a time. */
    private static void turned(PackedTensors tensors, TensorEntry whole, String before, String... parts) {
        tensors.get(whole.name(), 3, DType.F32, DType.F16, DType.BF16);
        int in = whole.shape().extent(1);
        int columns = whole.shape().last();
        int size = whole.dtype().blockBytes();
        if (columns % parts.length != 0) {
            throw PackedTensors.mismatch(whole, "an even number of columns");
        }
        int out = columns / parts.length;
        for (int part = 0; part < parts.length; part++) {
            int first = part;
            var made = ConvertedBytes.rows(whole.shape().extent(0), Math.multiplyExact(Math.multiplyExact(out, in), size), (from, count, target) -> {
                byte[] source = awaitRows(whole.bytes(), from, count, in * columns * size);
                for (int i = 0; i < count * out * in; i++) {
                    int expert = i / (out * in);
                    int row = i / in % out;
                    int at = ((expert * in + i % in) * columns + row * parts.length + first) * size;
                    System.arraycopy(source, at, target, i * size, size);
                }
            });
            tensors.replace(new TensorEntry(before + parts[part] + ".weight", whole.dtype(), Shape.of(whole.shape().extent(0), out, in), made), whole.name());
        }
    }

    /** [experts, parts*out] to [experts, out] each. */
    private static void biases(PackedTensors tensors, TensorEntry whole, String before, String... parts) {
        tensors.get(whole.name(), 2, DType.F32, DType.F16, DType.BF16);
        int size = whole.dtype().blockBytes();
        int out = whole.shape().last() / parts.length;
        if (whole.shape().last() % parts.length != 0) {
            throw PackedTensors.mismatch(whole, "an even number of columns");
        }
        for (int part = 0; part < parts.length; part++) {
            int first = part;
            var made = ConvertedBytes.rows((long) whole.shape().extent(0) * out, size, (from, count, target) -> {
                byte[] source = awaitRows(whole.bytes(), from * parts.length, count * parts.length, size);
                for (int i = 0; i < count; i++) {
                    System.arraycopy(source, (i * parts.length + first) * size, target, i * size, size);
                }
            });
            tensors.replace(new TensorEntry(before + parts[part] + ".bias", whole.dtype(), Shape.of(whole.shape().extent(0), out), made), whole.name());
        }
    }
}
