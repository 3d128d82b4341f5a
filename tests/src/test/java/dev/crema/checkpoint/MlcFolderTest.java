package dev.crema.checkpoint;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.synth.SyntheticSpec;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.quant.Quant;
import dev.crema.quant.Rounding;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.tensor.Float16;
import dev.crema.tensor.Shape;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SafeTensorsWriter;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import dev.crema.testing.TokenRunner;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A folder as MLC-LLM writes it: fused layers, quantised as its group quantiser does, says what the model says whose weights were rounded so. */
class MlcFolderTest {
    private final Json.Arr records = new Json.Arr();
    private final ByteArrayOutputStream data = new ByteArrayOutputStream();

    private void tensor(String name, String dtype, Shape shape, byte[] bytes) {
        var extents = new Json.Arr();
        for (int i = 0; i < shape.rank(); i++) {
            extents.add(Json.of((long) shape.extent(i)));
        }
        records.add(new Json.Obj().put("name", name).put("shape", extents).put("dtype", dtype).put("format", "f32-to-bf16")
            .put("nbytes", (long) bytes.length).put("byteOffset", (long) data.size()));
        data.writeBytes(bytes);
    }

    private static byte[] encode(DType dtype, float[] values) {
        byte[] bytes = new byte[(int) dtype.bytes(values.length)];
        Quant.quantize(dtype, values, 0, bytes, 0, values.length);
        return bytes;
    }

    /** As group_quantization.py: scale = largest / (2^(bits-1) - 1), q = round(w / scale) + that number; rounds {@code values} in place. */
    private void quantized(String layer, int bits, DType scaleType, float[] values, int rows, int columns) {
        int group = bits == 4 ? 32 : 40;
        int perWord = 32 / bits;
        int groups = (columns + group - 1) / group;
        int stride = groups * group / perWord;
        int top = (1 << bits - 1) - 1;
        byte[] words = new byte[4 * rows * stride];
        float[] scales = new float[rows * groups];
        for (int row = 0; row < rows; row++) {
            for (int g = 0; g < groups; g++) {
                float largest = 1e-4f;
                for (int c = g * group; c < Math.min(columns, (g + 1) * group); c++) {
                    largest = Math.max(largest, Math.abs(values[row * columns + c]));
                }
                // F32 is stored as its upper half.
                float scale = scaleType == DType.F16 ? Float16.toFloat(Float16.fromFloat(largest / top))
                    : Float16.ofBfloat16(Float16.toBfloat16(largest / top));
                scales[row * groups + g] = scale;
                for (int c = g * group; c < Math.min(columns, (g + 1) * group); c++) {
                    int quant = Math.max(0, Math.min(2 * top, Math.round(values[row * columns + c] / scale) + top));
                    values[row * columns + c] = (quant - top) * scale;
                    int shift = c % perWord * bits;
                    int at = 4 * (row * stride + c / perWord);
                    for (int b = 0; b < bits; b++) {
                        words[at + (shift + b) / 8] |= (byte) ((quant >> b & 1) << (shift + b) % 8);
                    }
                }
            }
        }
        tensor(layer + ".q_weight", "uint32", Shape.of(rows, stride), words);
        tensor(layer + ".q_scale", scaleType == DType.F16 ? "float16" : "float32", Shape.of(rows, groups),
            encode(scaleType == DType.F32 ? DType.BF16 : scaleType, scales));
    }

    /** The folder, and beside it the same model in F32 with the weights as they came out. */
    private MemoryFiles write(SyntheticSpec spec, String quantization, MemoryFiles[] plain) {
        var model = new SyntheticCheckpoint(spec);
        int bits = quantization.charAt(1) - '0';
        DType floats = quantization.endsWith("f32_1") || quantization.endsWith("f32") ? DType.F32 : DType.F16;
        String fusedName = spec.modelType().startsWith("qwen") ? "self_attn.c_attn" : "self_attn.qkv_proj";
        var rounded = new SafeTensorsWriter();
        for (Map.Entry<String, Shape> weight : model.shapes().entrySet()) {
            String name = weight.getKey();
            String[] parts = name.contains("q_proj") ? new String[] {"q_proj", "k_proj", "v_proj"} : name.contains("gate_proj")
                ? new String[] {"gate_proj", "up_proj"} : name.contains("k_proj") || name.contains("v_proj") || name.contains("up_proj") ? new String[0]
                : new String[] {""};
            var joined = new ByteArrayOutputStream();
            int rows = 0;
            for (String part : parts) {
                String of = name.replaceFirst("(q|gate)_proj", part.isEmpty() ? "$0" : part);
                joined.writeBytes(encode(DType.F32, model.weight(of)));
                rows += model.shapes().get(of).extent(0);
            }
            if (parts.length == 0) {
                continue;
            }
            String fused = name.replace("self_attn.q_proj", fusedName).replace("gate_proj", "gate_up_proj");
            boolean matrix = weight.getValue().rank() == 2;
            int columns = matrix ? weight.getValue().last() : 1;
            float[] values = new float[rows * columns];
            Quant.dequantize(DType.F32, joined.toByteArray(), 0, values, 0, values.length);
            if (matrix && bits > 0) {
                quantized(fused.substring(0, fused.length() - 7), bits, floats, values, rows, columns);
            } else {
                DType stored = floats == DType.F32 ? DType.BF16 : DType.F16;
                byte[] bytes = encode(stored, values);
                Quant.dequantize(stored, bytes, 0, values, 0, values.length);
                tensor(fused, floats == DType.F32 ? "float32" : "float16", matrix ? Shape.of(rows, columns) : Shape.of(rows), bytes);
            }
            int row = 0;
            for (String part : parts) {
                String of = name.replaceFirst("(q|gate)_proj", part.isEmpty() ? "$0" : part);
                Shape shape = model.shapes().get(of);
                float[] own = Arrays.copyOfRange(values, row * columns, row * columns + (int) shape.elements());
                rounded.tensor(of, DType.F32, shape, encode(DType.F32, own));
                row += shape.extent(0);
            }
        }
        MemoryFiles folder = model.huggingFace(DType.F32);
        plain[0] = model.huggingFace(DType.F32).put("model.safetensors", rounded.toBytes());
        Json.Obj config = JsonParser.parseObject(new String(folder.get("config.json"), StandardCharsets.UTF_8));
        config.put("position_embedding_base", config.get("rope_theta")).put("context_window_size", config.get("max_position_embeddings"));
        config.members().remove("rope_theta");
        config.members().remove("tie_word_embeddings");
        var chat = new Json.Obj().put("version", "0.1.0").put("model_type", spec.modelType()).put("quantization", quantization)
            .put("model_config", config).put("temperature", 0.7);
        var index = new Json.Obj().put("metadata", new Json.Obj()).put("records", new Json.Arr().add(new Json.Obj().put("dataPath", "params_shard_0.bin")
            .put("format", "raw-shard").put("nbytes", (long) data.size()).put("records", records)));
        var files = new MemoryFiles(spec.name()).put("mlc-chat-config.json", chat.toString().getBytes(StandardCharsets.UTF_8))
            .put("ndarray-cache.json", index.toString().getBytes(StandardCharsets.UTF_8)).put("params_shard_0.bin", data.toByteArray());
        return files.put("tokenizer.json", folder.get("tokenizer.json")).put("tokenizer_config.json", folder.get("tokenizer_config.json"));
    }

    private static float[] logits(Checkpoint checkpoint) {
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            return runner.logits(1, 48, 85, 122)[3];
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"q4f16_1 tiny-llama", "q4f32_1 tiny-qwen2", "q4f16_1 tiny-qwen3", "q3f16_1 tiny-llama-linear", "q0f16 tiny-mistral", "q0f32 tiny-llama"})
    void whatMlcConvertedRuns(String both) {
        String[] words = both.split(" ");
        MemoryFiles[] plain = new MemoryFiles[1];
        Checkpoint mlc = Checkpoints.awaitOpen(write(SyntheticSpecs.named(words[1]), words[0], plain));
        assertEquals("mlc", mlc.format());
        DType expectedType = words[0].startsWith("q4") ? DType.Q4_0 : words[0].equals("q0f32") ? DType.BF16 : DType.F16;
        assertEquals(expectedType, mlc.tensors().get("model.layers.0.self_attn.k_proj.weight").dtype());
        float[] expected = logits(Checkpoints.awaitOpen(plain[0]));
        float[] actual = logits(mlc);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], !words[0].startsWith("q3") ? 1e-4f * (1 + Math.abs(expected[i])) : 0.02f, both + " logit " + i);
        }
    }

    /** Into GGUF: four bits stay the four bits that they are, but for the embedding and the head, which the mix keeps better. */
    @ParameterizedTest
    @ValueSource(strings = {"tiny-llama", "tiny-qwen3"})
    void itIsConverted(String name, @TempDir Path folder) throws IOException {
        MemoryFiles source = write(SyntheticSpecs.named(name), "q4f16_1", new MemoryFiles[1]);
        for (TypeMix mix : new TypeMix[] {new TypeMix(DType.Q4_0, true), new TypeMix(DType.F32, false), null}) {
            Path target = folder.resolve(mix == null ? "nf4" : mix.type() + ".gguf");
            new Conversion(new Conversion.Options(mix, Rounding.PLAIN, Map.of(), 0, 1), Progress.NONE, new Cancellation()).run(source, target);
            Checkpoint written = Checkpoints.awaitOpen(MemoryFiles.read(target));
            assertEquals(mix == null ? DType.F16 : mix.type(), written.tensors().get("model.layers.0.self_attn.k_proj.weight").dtype());
            float[] expected = logits(Checkpoints.awaitOpen(source));
            float[] actual = logits(written);
            double error = 0;
            double all = 0;
            for (int i = 0; i < expected.length; i++) {
                error += Math.pow(expected[i] - actual[i], 2);
                all += expected[i] * expected[i];
            }
            assertTrue(error / all < (mix == null ? 0.4 : 1e-8), target + " " + error / all);
        }
    }

    @Test
    void refusalsNameTheFormatAndTheFile() {
        MemoryFiles files = write(SyntheticSpecs.named("tiny-llama"), "q4f16_1", new MemoryFiles[1]);
        String config = new String(files.get("mlc-chat-config.json"), StandardCharsets.UTF_8);
        files.put("mlc-chat-config.json", config.replace("q4f16_1", "q4f16_ft").getBytes(StandardCharsets.UTF_8));
        assertTrue(assertThrows(CremaException.class, () -> Checkpoints.awaitOpen(files)).getMessage().contains("q4f16_ft"));
        files.put("mlc-chat-config.json", config.getBytes(StandardCharsets.UTF_8)).put("params_shard_0.bin", new byte[100]);
        assertTrue(assertThrows(CremaException.class, () -> Checkpoints.awaitOpen(files)).getMessage().contains("params_shard_0.bin"));
    }
}
