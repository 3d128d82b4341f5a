package dev.crema.checkpoint;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.jvm.synth.SyntheticSpec;
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

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Weights packed as other tools store them, packed here by their published definitions: each element comes out as defined, up to the rounding of
 * scales to f16, and a model of them runs.
 */
class PackedWeightsTest {
    private static final SyntheticSpec SPEC = SyntheticSpecs.named("tiny-qwen3");

    private final Random random = new Random(7);
    private final SyntheticCheckpoint model = new SyntheticCheckpoint(SPEC);
    private final SafeTensorsWriter writer = new SafeTensorsWriter();
    private final Map<String, float[]> expected = new LinkedHashMap<>();

    private static boolean isLinear(String name) {
        return name.contains("_proj.");
    }

    private interface Packer {
        /** Writes tensors of the layer, and returns its elements [out][in]. */
        float[] pack(String layer, int out, int in);
    }

    /** The folder with each linear layer packed, opened; what is not packed is F32. */
    private Checkpoint open(String quantization, Packer packer) {
        return Checkpoints.awaitOpen(pack(quantization, packer));
    }

    private MemoryFiles pack(String quantization, Packer packer) {
        MemoryFiles files = model.huggingFace(DType.F32);
        for (Map.Entry<String, Shape> weight : model.shapes().entrySet()) {
            String name = weight.getKey();
            if (isLinear(name)) {
                expected.put(name, packer.pack(name.substring(0, name.length() - 7), weight.getValue().extent(0), weight.getValue().extent(1)));
            } else {
                float[] values = model.weight(name);
                byte[] bytes = new byte[4 * values.length];
                Quant.quantize(DType.F32, values, 0, bytes, 0, values.length);
                writer.tensor(name, DType.F32, weight.getValue(), bytes);
            }
        }
        Json.Obj config = JsonParser.parseObject(new String(files.get("config.json"), StandardCharsets.UTF_8));
        config.put("quantization_config", JsonParser.parseObject(quantization));
        files.put("config.json", config.toString().getBytes(StandardCharsets.UTF_8)).put("model.safetensors", writer.toBytes());
        return files;
    }

    private void check(Checkpoint checkpoint, DType dtype, double tolerance) {
        for (String name : expected.keySet()) {
            TensorEntry tensor = checkpoint.tensors().get(name);
            assertEquals(dtype, tensor.dtype(), name);
            float[] values = read(tensor);
            float[] exact = expected.get(name);
            double largest = 0;
            for (float value : exact) {
                largest = Math.max(largest, Math.abs(value));
            }
            for (int i = 0; i < exact.length; i++) {
                assertEquals(exact[i], values[i], tolerance * largest, name + " element " + i);
            }
        }
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            for (float logit : runner.logits(1, 48, 85)[2]) {
                assertTrue(Float.isFinite(logit));
            }
        }
    }

    /** In pieces, as devices read. */
    private static float[] read(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        for (int at = 0; at < bytes.length; at += 1000) {
            tensor.bytes().slice(at, Math.min(1000, bytes.length - at)).awaitRead(0, bytes, at, Math.min(1000, bytes.length - at));
        }
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    private static byte[] words(int[] words) {
        var bytes = ByteBuffer.allocate(4 * words.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(words);
        return bytes.array();
    }

    private void floats(String name, DType dtype, Shape shape, float[] values) {
        byte[] bytes = new byte[(int) dtype.bytes(values.length)];
        Quant.quantize(dtype, values, 0, bytes, 0, values.length);
        writer.tensor(name, dtype, shape, bytes);
    }

    /** An f16 number, so that nothing is rounded when it is stored. */
    private float scale() {
        return Float16.toFloat(Float16.fromFloat(0.005f + 0.02f * random.nextFloat()));
    }

    /** Puts a number of so many bits into a stream of 32-bit words, {@code stride} apart. */
    private static void put(int[] words, int column, int stride, int index, int bits, int value) {
        for (int b = 0; b < bits; b++) {
            int bit = index * bits + b;
            words[bit / 32 * stride + column] |= (value >> b & 1) << bit % 32;
        }
    }

    private Packer gptq(int bits, int group, boolean symmetric, boolean reordered, int stored) {
        return (layer, out, in) -> {
            int groups = (in + group - 1) / group;
            int[] packed = new int[in * bits / 32 * out];
            int[] zeros = new int[groups * (out * bits / 32)];
            int[] order = new int[in];
            float[] scales = new float[groups * out];
            int[] zeroOf = new int[groups * out];
            for (int g = 0; g < groups; g++) {
                int[] row = new int[out * bits / 32];
                for (int o = 0; o < out; o++) {
                    scales[g * out + o] = scale();
                    zeroOf[g * out + o] = symmetric ? 1 << bits - 1 : 1 + random.nextInt((1 << bits) - 1);
                    put(row, 0, 1, o, bits, zeroOf[g * out + o] - stored);
                }
                System.arraycopy(row, 0, zeros, g * row.length, row.length);
            }
            float[] elements = new float[out * in];
            for (int i = 0; i < in; i++) {
                order[i] = reordered ? random.nextInt(groups) : i / group;
                for (int o = 0; o < out; o++) {
                    int quant = random.nextInt(1 << bits);
                    put(packed, o, out, i, bits, quant);
                    elements[o * in + i] = (quant - zeroOf[order[i] * out + o]) * scales[order[i] * out + o];
                }
            }
            writer.tensor(layer + ".qweight", DType.I32, Shape.of(in * bits / 32, out), words(packed));
            writer.tensor(layer + ".qzeros", DType.I32, Shape.of(groups, out * bits / 32), words(zeros));
            writer.tensor(layer + ".g_idx", DType.I32, Shape.of(in), words(order));
            floats(layer + ".scales", DType.F16, Shape.of(groups, out), scales);
            return elements;
        };
    }

    private static String gptqConfig(int bits, int group, boolean symmetric, boolean reordered, String format) {
        return "{\"quant_method\":\"gptq\",\"bits\":" + bits + ",\"group_size\":" + group + ",\"sym\":" + symmetric + ",\"desc_act\":" + reordered
            + ",\"checkpoint_format\":\"" + format + "\"}";
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void gptqWithAZeroOfItsOwn(int bits) {
        // Eight bits with any zero have no block format; they become F16.
        check(open(gptqConfig(bits, 32, false, false, "gptq"), gptq(bits, 32, false, false, 1)), bits == 8 ? DType.F16 : DType.Q4_1, 6e-4);
    }

    @Test
    void symmetricGptqLosesNothing() {
        check(open(gptqConfig(4, 32, true, false, "gptq_v2"), gptq(4, 32, true, false, 0)), DType.Q4_0, 0);
    }

    /** The quants are kept as they are on the way to GGUF. */
    @Test
    void convertingGptqToGgufLosesNothing(@TempDir Path folder) throws IOException {
        MemoryFiles files = pack(gptqConfig(4, 32, true, false, "gptq"), gptq(4, 32, true, false, 1));
        var options = new Conversion.Options(new TypeMix(DType.Q4_0, true), Rounding.SEARCH, Map.of(), 0, 2);
        new Conversion(options, Progress.NONE, new Cancellation()).run(files, folder.resolve("out.gguf"));
        check(Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(folder.resolve("out.gguf")))), DType.Q4_0, 0);
    }

    @Test
    void symmetricEightBitGptqLosesNothing() {
        check(open(gptqConfig(8, 64, true, false, "gptq"), gptq(8, 64, true, false, 1)), DType.Q8_0, 0);
    }

    @Test
    void gptqWithGroupsInAnotherOrder() {
        check(open(gptqConfig(4, 32, true, true, "gptq"), gptq(4, 32, true, true, 1)), DType.F16, 6e-4);
    }

    @Test
    void awq() {
        int[] order = {0, 2, 4, 6, 1, 3, 5, 7};
        check(open("{\"quant_method\":\"awq\",\"bits\":4,\"group_size\":32,\"zero_point\":true,\"version\":\"gemm\"}", (layer, out, in) -> {
            int groups = in / 32;
            int[] packed = new int[in * out / 8];
            int[] zeros = new int[groups * out / 8];
            float[] scales = new float[groups * out];
            int[] zeroOf = new int[groups * out];
            float[] elements = new float[out * in];
            for (int i = 0; i < groups * out; i++) {
                scales[i] = scale();
            }
            for (int g = 0; g < groups; g++) {
                for (int word = 0; word < out / 8; word++) {
                    for (int place = 0; place < 8; place++) {
                        int zero = random.nextInt(16);
                        zeroOf[g * out + word * 8 + order[place]] = zero;
                        zeros[g * out / 8 + word] |= zero << 4 * place;
                    }
                }
            }
            for (int i = 0; i < in; i++) {
                for (int word = 0; word < out / 8; word++) {
                    for (int place = 0; place < 8; place++) {
                        int o = word * 8 + order[place];
                        int quant = random.nextInt(16);
                        packed[i * out / 8 + word] |= quant << 4 * place;
                        elements[o * in + i] = (quant - zeroOf[i / 32 * out + o]) * scales[i / 32 * out + o];
                    }
                }
            }
            writer.tensor(layer + ".qweight", DType.I32, Shape.of(in, out / 8), words(packed));
            writer.tensor(layer + ".qzeros", DType.I32, Shape.of(groups, out / 8), words(zeros));
            floats(layer + ".scales", DType.F16, Shape.of(groups, out), scales);
            return elements;
        }), DType.Q4_1, 6e-4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void fourBitsOfBitsAndBytes(boolean nested) {
        float[] levels = new float[16];
        for (int i = 0; i < 16; i++) {
            levels[i] = (float) Math.sin(i - 7.5);
        }
        check(open("{\"quant_method\":\"bitsandbytes\",\"load_in_4bit\":true}", (layer, out, in) -> {
            String weight = layer + ".weight";
            int blocks = out * in / 64;
            byte[] packed = new byte[out * in / 2];
            float[] absmax = new float[blocks];
            byte[] codes = new byte[blocks];
            float[] outer = new float[(blocks + 255) / 256];
            float[] map = new float[256];
            for (int i = 0; i < 256; i++) {
                map[i] = (i - 127) / 128f;
            }
            for (int i = 0; i < outer.length; i++) {
                outer[i] = 0.01f + random.nextFloat() * 0.1f;
            }
            for (int i = 0; i < blocks; i++) {
                codes[i] = (byte) random.nextInt(256);
                absmax[i] = nested ? map[codes[i] & 255] * outer[i / 256] + 0.25f : random.nextFloat();
            }
            float[] elements = new float[out * in];
            for (int i = 0; i < elements.length; i++) {
                int code = random.nextInt(16);
                packed[i / 2] |= (byte) (code << (i % 2 == 0 ? 4 : 0));
                elements[i] = levels[code] * absmax[i / 64];
            }
            writer.tensor(weight, DType.U8, Shape.of(packed.length, 1), packed);
            floats(weight + ".quant_map", DType.F32, Shape.of(16), levels);
            String state = "{\"quant_type\":\"nf4\",\"blocksize\":64,\"dtype\":\"bfloat16\",\"shape\":[" + out + "," + in + "]";
            if (nested) {
                writer.tensor(weight + ".absmax", DType.U8, Shape.of(blocks), codes);
                floats(weight + ".nested_absmax", DType.F32, Shape.of(outer.length), outer);
                floats(weight + ".nested_quant_map", DType.F32, Shape.of(256), map);
                state += ",\"nested_blocksize\":256,\"nested_offset\":0.25,\"nested_dtype\":\"float32\"";
            } else {
                floats(weight + ".absmax", DType.F32, Shape.of(blocks), absmax);
            }
            byte[] text = (state + "}").getBytes(StandardCharsets.UTF_8);
            writer.tensor(weight + ".quant_state.bitsandbytes__nf4", DType.U8, Shape.of(text.length), text);
            return elements;
        }), DType.F16, 6e-4);
    }

    @Test
    void eightBitsOfBitsAndBytes() {
        check(open("{\"quant_method\":\"bitsandbytes\",\"load_in_8bit\":true}", (layer, out, in) -> {
            byte[] quants = new byte[out * in];
            float[] rowScales = new float[out];
            float[] elements = new float[out * in];
            random.nextBytes(quants);
            for (int i = 0; i < elements.length; i++) {
                rowScales[i / in] = i % in == 0 ? 1 + random.nextFloat() : rowScales[i / in];
                elements[i] = quants[i] * rowScales[i / in] / 127;
            }
            writer.tensor(layer + ".weight", DType.I8, Shape.of(out, in), quants);
            floats(layer + ".SCB", DType.F32, Shape.of(out), rowScales);
            return elements;
        }), DType.Q8_0, 6e-4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocks", "rows", "tensor"})
    void eightBitFloatsWithScales(String kind) {
        int block = 32;
        check(open("{\"quant_method\":\"fp8\",\"weight_block_size\":[32,32]}", (layer, out, in) -> {
            byte[] codes = new byte[out * in];
            for (int i = 0; i < codes.length; i++) {
                int code = random.nextInt(256);
                codes[i] = (byte) ((code & 127) == 127 ? 0 : code);
            }
            int rows = kind.equals("blocks") ? (out + block - 1) / block : kind.equals("rows") ? out : 1;
            int columns = kind.equals("blocks") ? (in + block - 1) / block : 1;
            float[] scales = new float[rows * columns];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = 1e-4f * (1 + random.nextFloat());
            }
            float[] values = new float[out * in];
            Quant.dequantize(DType.F8_E4M3, codes, 0, values, 0, values.length);
            for (int i = 0; i < values.length; i++) {
                int row = kind.equals("tensor") ? 0 : kind.equals("rows") ? i / in : i / in / block;
                values[i] *= scales[row * columns + (kind.equals("blocks") ? i % in / block : 0)];
            }
            writer.tensor(layer + ".weight", DType.F8_E4M3, Shape.of(out, in), codes);
            floats(layer + (kind.equals("blocks") ? ".weight_scale_inv" : ".weight_scale"), DType.F32,
                kind.equals("tensor") ? Shape.of(1) : Shape.of(rows, columns), scales);
            return values;
        }), DType.BF16, 4e-3);
    }

    @Test
    void damageIsRefusedWithItsNumbers() {
        String config = gptqConfig(4, 32, false, false, "gptq");
        CremaException error = assertThrows(CremaException.class, () -> open(config, (layer, out, in) -> {
            float[] elements = gptq(4, 64, false, false, 1).pack(layer, out, in);
            return elements;
        }));
        assertTrue(error.getMessage().contains("qzeros") && error.getMessage().contains("groups"), error.getMessage());
        error = assertThrows(CremaException.class, () -> new PackedWeightsTest().open(gptqConfig(5, 32, false, false, "gptq"),
            new PackedWeightsTest().gptq(4, 32, false, false, 1)));
        assertTrue(error.getMessage().contains("5 bits"), error.getMessage());
    }

    /** GGUF's formats that are converted: the same numbers from whatever place. */
    @ParameterizedTest
    @ValueSource(strings = {"F64", "Q8_1", "Q8_K", "TQ1_0", "TQ2_0", "I8"})
    void ggufFormatsThatDevicesGetConverted(String type) {
        DType dtype = DType.valueOf(type);
        int elements = 300 * 256;
        byte[] bytes = new byte[(int) dtype.bytes(elements)];
        random.nextBytes(bytes);
        for (int block = 0; block < bytes.length; block += dtype.blockBytes()) {
            // Finite scales.
            int at = dtype == DType.Q8_1 || dtype == DType.Q8_K ? block : block + dtype.blockBytes() - 2;
            if (dtype == DType.F64) {
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(block, random.nextGaussian());
            } else if (dtype == DType.Q8_K) {
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(block, random.nextFloat());
            } else if (dtype != DType.I8) {
                int half = Float16.fromFloat(block % 5 == 0 ? 0 : (float) random.nextGaussian());
                bytes[at] = (byte) half;
                bytes[at + 1] = (byte) (half >> 8);
            }
        }
        float[] exact = new float[elements];
        Quant.dequantize(dtype, bytes, 0, exact, 0, elements);
        var gguf = new GgufWriter();
        SPEC.writeTo(gguf);
        model.tokenizer().writeTo(gguf);
        gguf.tensor("some.weight", dtype, Shape.of(300, 256), bytes);
        TensorEntry tensor = Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", gguf.toBytes())).tensors().get("some.weight");
        assertTrue(Quant.supports(tensor.dtype()));
        float[] values = read(tensor);
        for (int i = 0; i < elements; i++) {
            assertEquals(exact[i], values[i] + 0f, 0f, type + " element " + i);
        }
    }
}
