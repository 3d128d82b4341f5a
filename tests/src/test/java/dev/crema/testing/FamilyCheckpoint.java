package dev.crema.testing;

import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.Noise;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.jvm.synth.SyntheticTokenizer;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.nio.charset.StandardCharsets;

/** The model of a {@link FamilySpec} with random F32 weights, as a Hugging Face folder and as GGUF. */
public final class FamilyCheckpoint {
    private final FamilySpec spec;
    private final SyntheticTokenizer tokenizer;

    public FamilyCheckpoint(FamilySpec spec) {
        this.spec = spec;
        tokenizer = new SyntheticTokenizer(spec.vocab());
    }

    /** GGUF's tensor. */
    private float[] values(FamilySpec.Tensor tensor) {
        Shape shape = tensor.shape();
        if (tensor.form() == FamilySpec.Form.LISTED) {
            return listed(spec.numbers(tensor.huggingFace()));
        }
        boolean norm = tensor.gguf().contains("norm") && tensor.gguf().endsWith("weight");
        double scale = tensor.gguf().contains("embd") ? spec.embeddingScale() : shape.rank() == 1 || tensor.gguf().endsWith("bias") ? 0.3
            : Math.sqrt(3.0 / shape.last()) * (tensor.gguf().startsWith("output") ? 4 : 1.5);
        float[] values = new Noise(spec.seed() ^ Noise.seedOf(tensor.gguf())).floats((int) shape.elements(), (float) scale);
        for (int i = 0; norm && i < values.length; i++) {
            values[i] += 1;
        }
        return values;
    }

    private static float[] listed(Json.Arr numbers) {
        float[] values = new float[numbers.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((Json.Num) numbers.get(i)).doubleValue();
        }
        return values;
    }

    public MemoryFiles gguf() {
        var gguf = new GgufWriter();
        spec.metadata().forEach(gguf::put);
        tokenizer.writeTo(gguf);
        for (FamilySpec.Tensor tensor : spec.tensors()) {
            if (tensor.form() == FamilySpec.Form.ABSORBED) {
                absorbed(tensor, values(tensor), gguf);
            } else if (tensor.form() == FamilySpec.Form.HALVES) {
                halves(tensor, values(tensor), gguf);
            } else {
                gguf.tensor(tensor.gguf(), DType.F32, tensor.shape(), bytes(values(tensor)));
            }
        }
        return new MemoryFiles(spec.name() + "-f32.gguf").put(spec.name() + "-f32.gguf", gguf.toBytes());
    }

    private static void halves(FamilySpec.Tensor tensor, float[] values, GgufWriter to) {
        Shape shape = tensor.shape();
        int half = shape.extent(1) / 2 * shape.last();
        String[] names = {"gate", "up"};
        for (int part = 0; part < 2; part++) {
            float[] each = new float[values.length / 2];
            for (int expert = 0; expert < shape.extent(0); expert++) {
                System.arraycopy(values, (2 * expert + part) * half, each, expert * half, half);
            }
            to.tensor(tensor.gguf().replace("*", names[part]), DType.F32, Shape.of(shape.extent(0), shape.extent(1) / 2, shape.last()), bytes(each));
        }
    }

    /** Of each head the rows that make keys, transposed, and those that make values. */
    private static void absorbed(FamilySpec.Tensor tensor, float[] values, GgufWriter to) {
        int nope = tensor.headDim();
        int value = tensor.group();
        int rank = tensor.shape().last();
        int heads = tensor.shape().extent(0) / (nope + value);
        float[] keys = new float[heads * rank * nope];
        float[] rest = new float[heads * value * rank];
        for (int head = 0; head < heads; head++) {
            int from = head * (nope + value) * rank;
            for (int i = 0; i < nope * rank; i++) {
                keys[(head * rank + i % rank) * nope + i / rank] = values[from + i];
            }
            System.arraycopy(values, from + nope * rank, rest, head * value * rank, value * rank);
        }
        to.tensor(tensor.gguf().replace("kv_b", "k_b"), DType.F32, Shape.of(heads, rank, nope), bytes(keys));
        to.tensor(tensor.gguf().replace("kv_b", "v_b"), DType.F32, Shape.of(heads, value, rank), bytes(rest));
    }

    public MemoryFiles huggingFace() {
        var writer = new SafeTensorsWriter();
        for (FamilySpec.Tensor tensor : spec.tensors()) {
            write(tensor, values(tensor), writer);
        }
        var files = new MemoryFiles(spec.name());
        if (spec.isEncoder()) {
            // sentence-transformers' file; pooling_type is 1 for the mean, 2 for the first token's state.
            boolean mean = spec.metadata().get(spec.architecture() + ".pooling_type").equals(1);
            files.put("1_Pooling/config.json", utf8(new Json.Obj().put("pooling_mode_cls_token", !mean).put("pooling_mode_mean_tokens", mean)));
        }
        return files.put("config.json", utf8(spec.config())).put("model.safetensors", writer.toBytes())
            .put("generation_config.json", utf8(new Json.Obj().put("eos_token_id", (long) tokenizer.eos())))
            .put("tokenizer.json", utf8(tokenizer.tokenizerJson())).put("tokenizer_config.json", utf8(tokenizer.tokenizerConfig()));
    }

    private static void write(FamilySpec.Tensor tensor, float[] values, SafeTensorsWriter to) {
        Shape shape = tensor.shape();
        int rows = shape.extent(0);
        int width = values.length / rows;
        switch (tensor.form()) {
            // The config has them.
            case LISTED -> { }
            case SAME, ABSORBED, HALVES -> to.tensor(tensor.huggingFace(), DType.F32, shape, bytes(values));
            case PLUS_ONE -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] -= 1;
                }
                to.tensor(tensor.huggingFace(), DType.F32, shape, bytes(values));
            }
            case NEIGHBOURS, BY_HEAD -> {
                float[] moved = new float[values.length];
                for (int row = 0; row < rows; row++) {
                    int from = tensor.form() == FamilySpec.Form.NEIGHBOURS ? neighbour(row, tensor.headDim()) : flat(row, tensor, rows);
                    System.arraycopy(values, from * width, moved, row * width, width);
                }
                to.tensor(tensor.huggingFace(), DType.F32, shape, bytes(moved));
            }
            case TURNED -> {
                float[] turned = new float[values.length];
                for (int i = 0; i < values.length; i++) {
                    turned[i % width * rows + i / width] = values[i];
                }
                to.tensor(tensor.huggingFace(), DType.F32, Shape.of(width, rows), bytes(turned));
            }
            case PADDED -> {
                float[] padded = new float[values.length + 2 * width];
                System.arraycopy(values, 0, padded, 2 * width, values.length);
                to.tensor(tensor.huggingFace(), DType.F32, Shape.of(rows + 2, width), bytes(padded));
            }
            case STACKED -> {
                for (int expert = 0; expert < rows; expert++) {
                    float[] one = new float[width];
                    System.arraycopy(values, expert * width, one, 0, width);
                    Shape inner = shape.rank() == 2 ? Shape.of(width) : Shape.of(shape.extent(1), shape.extent(2));
                    to.tensor(tensor.huggingFace().replace("*", expert + ""), DType.F32, inner, bytes(one));
                }
            }
        }
    }

    /** Where GGUF has the row of Hugging Face's q or k: row {@code half * d/2 + i} of a head becomes {@code 2i + half}. */
    private static int neighbour(int row, int headDim) {
        int within = row % headDim;
        return row - within + 2 * (within % (headDim / 2)) + within / (headDim / 2);
    }

    /** Where GGUF has the row of a tensor that is q..., k, v of each kv head in turn. */
    private static int flat(int row, FamilySpec.Tensor tensor, int rows) {
        int dim = tensor.headDim();
        int group = tensor.group();
        int kvHeads = rows / dim / (group + 2);
        int kvHead = row / dim / (group + 2);
        int within = row / dim % (group + 2);
        int head = within < group ? kvHead * group + within : within == group ? kvHeads * group + kvHead : kvHeads * (group + 1) + kvHead;
        return head * dim + row % dim;
    }

    private static byte[] bytes(float[] values) {
        var bytes = new byte[(int) DType.F32.bytes(values.length)];
        Quant.quantize(DType.F32, values, 0, bytes, 0, values.length);
        return bytes;
    }

    private static byte[] utf8(Json.Obj json) {
        return JsonWriter.pretty(json, 2).getBytes(StandardCharsets.UTF_8);
    }
}
