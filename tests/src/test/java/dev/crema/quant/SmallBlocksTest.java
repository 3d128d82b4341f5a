package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.conformance.Noise;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** NVFP4, Q1_0 and Q2_0 against ggml's decoders, bit for bit (goldens/ggml/blocks.json, see goldens/make), and as devices get them. */
class SmallBlocksTest {
    private static final int BLOCKS = 1024;

    private static byte[] blocks(DType type) {
        byte[] bytes = new byte[BLOCKS * type.blockBytes()];
        new Random(type.blockBytes()).nextBytes(bytes);
        for (int i = 0; i < 256; i++) {
            Arrays.fill(bytes, i * type.blockBytes(), (i + 1) * type.blockBytes(), (byte) i);
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"NVFP4", "Q1_0", "Q2_0"})
    void blocksDecodeAsGgmlDecodesThem(String name) {
        DType type = DType.valueOf(name);
        float[] values = new float[BLOCKS * type.blockSize()];
        Quant.dequantize(type, blocks(type), 0, values, 0, values.length);
        var sums = (Json.Arr) Goldens.json("ggml/blocks.json").get(name);
        for (int part = 0; part < sums.size(); part++) {
            int elements = values.length / sums.size();
            var bytes = ByteBuffer.allocate(4 * elements).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < elements; i++) {
                bytes.putInt(Float.floatToIntBits(values[part * elements + i]));
            }
            var crc = new CRC32();
            crc.update(bytes.array());
            assertEquals(((Json.Str) sums.get(part)).value(), String.format("%08x", crc.getValue()), name + " blocks from " + part * BLOCKS / sums.size());
        }
    }

    private static TensorEntry opened(GgufWriter gguf) {
        return Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", gguf.put("general.architecture", "llama").toBytes())).tensors().get("some.weight");
    }

    private static float[] values(TensorEntry tensor) {
        assertTrue(Quant.supports(tensor.dtype()), tensor.dtype() + "");
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] values = new float[(int) tensor.shape().elements()];
        Quant.dequantize(tensor.dtype(), bytes, 0, values, 0, values.length);
        return values;
    }

    @ParameterizedTest
    @ValueSource(strings = {"NVFP4", "Q1_0", "Q2_0"})
    void devicesGetTheSameNumbers(String name) {
        DType type = DType.valueOf(name);
        byte[] bytes = RandomBlocks.of(type, 64 * 256, 0.7f, new Noise(4));
        float[] expected = new float[64 * 256];
        Quant.dequantize(type, bytes, 0, expected, 0, expected.length);
        assertArrayEquals(expected, values(opened(new GgufWriter().tensor("some.weight", type, Shape.of(64, 256), bytes))));
    }

    private static byte[] floats(float... values) {
        var bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    @Test
    void aScaleOfTheTensorOrOfEachExpertIsMultipliedIn() {
        byte[] bytes = RandomBlocks.of(DType.NVFP4, 6 * 128, 1, new Noise(5));
        float[] plain = new float[6 * 128];
        Quant.dequantize(DType.NVFP4, bytes, 0, plain, 0, plain.length);
        for (float[] scales : new float[][] {{0.37f}, {0.25f, -3, 0.1f}}) {
            TensorEntry tensor = opened(new GgufWriter().tensor("some.weight", DType.NVFP4, Shape.of(3, 2, 128), bytes)
                .tensor("some.scale", DType.F32, Shape.of(scales.length), floats(scales)));
            float[] found = values(tensor);
            for (int i = 0; i < plain.length; i++) {
                float expected = plain[i] * scales[i / 256 % scales.length];
                assertEquals(expected, found[i], Math.abs(expected) * 0x1p-11, "element " + i);
            }
        }
    }

    @Test
    void aScaleThatDoesNotFitIsRefused() {
        byte[] bytes = new byte[(int) DType.NVFP4.bytes(256)];
        assertTrue(assertThrows(CremaException.class, () -> opened(new GgufWriter().tensor("some.weight", DType.NVFP4, Shape.of(2, 128), bytes)
            .tensor("some.scale", DType.F32, Shape.of(3), floats(1, 2, 3)))).getMessage().contains("F32[3]"));
        assertTrue(assertThrows(CremaException.class, () -> opened(new GgufWriter().tensor("some.weight", DType.F32, Shape.of(1), floats(1))
            .tensor("some.scale", DType.F32, Shape.of(1), floats(2)))).getMessage().contains("known of NVFP4 only"));
    }
}
