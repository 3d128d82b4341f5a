package dev.crema.quant;

import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** IQ1, IQ2 and IQ3 against what ggml's decoders make of the same blocks, bit for bit: goldens/ggml/lattices.json, see goldens/make. */
class LatticeGoldensTest {
    private static final int BLOCKS = 1024;

    /** Codes of the format seed the blocks, as in goldens/make/LatticePoints.java. */
    static byte[] blocks(DType type) {
        int codes = switch (type) {
            case IQ2_XXS, IQ3_XXS -> 256;
            case IQ2_XS, IQ3_S -> 512;
            case IQ2_S -> 1024;
            default -> 2048;
        };
        var random = new Random(codes);
        int size = type.blockBytes();
        byte[] bytes = new byte[BLOCKS * size];
        random.nextBytes(bytes);
        for (int i = 0; i < BLOCKS; i++) {
            if (i < 256) {
                Arrays.fill(bytes, i * size, (i + 1) * size, (byte) i);
            }
            putScale(type, ByteBuffer.wrap(bytes, i * size, size).slice().order(ByteOrder.LITTLE_ENDIAN), Float.floatToFloat16(scale(random, i)));
        }
        return bytes;
    }

    private static float scale(Random random, int block) {
        return switch (block % 8) {
            case 0 -> block % 16 == 0 ? 65504 : -0x1p-24f;
            case 1 -> block % 16 == 1 ? 0 : Float.POSITIVE_INFINITY;
            default -> (float) random.nextGaussian() * (block % 8 == 2 ? 0x1p-13f : 1);
        };
    }

    static void putScale(DType type, ByteBuffer block, int half) {
        if (type != DType.IQ1_M) {
            block.putShort(0, (short) half);
            return;
        }
        for (int at = 48; at < 56; at += 2) {
            block.putShort(at, (short) (block.getShort(at) & 0x0fff | (half & 15) << 12));
            half >>= 4;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
    void blocksDecodeAsGgmlDecodesThem(String name) {
        DType type = DType.valueOf(name);
        float[] values = new float[BLOCKS * 256];
        Quant.dequantize(type, blocks(type), 0, values, 0, values.length);
        var golden = (Json.Obj) Goldens.json("ggml/lattices.json").get(name);
        var last = (Json.Arr) golden.get("last");
        for (int i = 0; i < last.size(); i++) {
            assertEquals((float) ((Json.Num) last.get(i)).doubleValue(), values[values.length - last.size() + i], name + " element " + (values.length - last.size() + i));
        }
        var sums = (Json.Arr) golden.get("crc32");
        for (int part = 0; part < sums.size(); part++) {
            int elements = values.length / sums.size();
            var bytes = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values, part * elements, elements);
            var crc = new CRC32();
            crc.update(bytes.array());
            assertEquals(((Json.Str) sums.get(part)).value(), String.format("%08x", crc.getValue()), name + " blocks from " + part * BLOCKS / sums.size());
        }
    }

    /** What devices get instead: the same numbers but for a rounding of f16, and in IQ2 just the same. */
    @ParameterizedTest
    @ValueSource(strings = {"IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S"})
    void devicesGetTheSameNumbers(String name) {
        DType type = DType.valueOf(name);
        byte[] bytes = blocks(type);
        for (int i = 0; i < BLOCKS; i++) {
            float scale = new Random(i).nextFloat() * (i % 3 == 0 ? 0x1p-12f : i % 3 == 1 ? 0.01f : 100);
            var block = ByteBuffer.wrap(bytes, i * type.blockBytes(), type.blockBytes()).slice().order(ByteOrder.LITTLE_ENDIAN);
            putScale(type, block, Float.floatToFloat16(i % 2 == 0 ? scale : -scale));
        }
        float[] expected = new float[BLOCKS * 256];
        Quant.dequantize(type, bytes, 0, expected, 0, expected.length);
        byte[] gguf = new GgufWriter().put("general.architecture", "llama").tensor("some.weight", type, Shape.of(BLOCKS, 256), bytes).toBytes();
        TensorEntry tensor = Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", gguf)).tensors().get("some.weight");
        assertTrue(Quant.supports(tensor.dtype()));
        byte[] converted = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, converted, 0, converted.length);
        float[] actual = new float[expected.length];
        Quant.dequantize(tensor.dtype(), converted, 0, actual, 0, actual.length);
        double noise = 0;
        double signal = 0;
        for (int i = 0; i < actual.length; i++) {
            // The minimum of Q4_K's blocks is the largest quant that there could be, 15 or 9 times the smallest. Scales below 2^-14 are multiples of
            // 2^-24, times a scale of five bits and a quant of four.
            double rounding = Math.abs(expected[i]) * 0x1p-11 * (tensor.dtype() == DType.Q4_K ? 15 : 1) + 0x1p-25 * 31 * 15;
            assertEquals(expected[i], actual[i], tensor.dtype() == DType.IQ2_LEVELS ? 0 : rounding, name + " element " + i);
            noise += Math.pow(expected[i] - actual[i], 2);
            signal += Math.pow(expected[i], 2);
        }
        assertTrue(noise / signal < 3e-7, name + ": " + noise / signal);
    }
}
