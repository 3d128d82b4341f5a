package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.conformance.FamilySpec;
import dev.crema.conformance.FamilySpecs;
import dev.crema.conformance.Noise;
import dev.crema.device.ArrayBytes;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.quant.Quant;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SafeTensorsWriter;
import dev.crema.testing.TokenRunner;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** gpt-oss as OpenAI published it, in blocks and dequantised, against the same weights as GGUF has them. */
class GptOssFolderTest {
    private static final int EXPERTS = 4;
    private static final FamilySpec SPEC = FamilySpecs.all().stream().filter(spec -> spec.name().equals("tiny-gpt-oss")).findFirst().orElseThrow();

    /** tiny-gpt-oss as from GGUF, its experts' matrices random blocks of MXFP4. */
    private final Checkpoint gguf = inBlocks(Checkpoints.awaitOpen(new FamilyCheckpoint(SPEC).gguf()));

    private static Checkpoint inBlocks(Checkpoint plain) {
        Map<String, TensorEntry> tensors = new LinkedHashMap<>(plain.tensors());
        tensors.replaceAll((name, tensor) -> {
            if (!name.contains(".experts.") || !name.endsWith(".weight")) {
                return tensor;
            }
            byte[] blocks = new byte[(int) DType.MXFP4.bytes(tensor.shape().elements())];
            float[] noise = new Noise(Noise.seedOf(name)).floats(blocks.length, 128);
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = i % 17 == 0 ? (byte) (122 + Math.floorMod((int) noise[i], 3)) : (byte) noise[i];
            }
            return new TensorEntry(name, DType.MXFP4, tensor.shape(), new ArrayBytes(blocks));
        });
        return new Checkpoint(plain.name(), plain.format(), plain.config(), plain.generationConfig(), tensors, plain.metadata(), null, new Json.Obj(), null);
    }

    private static byte[] bytes(TensorEntry tensor) {
        byte[] bytes = new byte[(int) tensor.bytes().length()];
        tensor.bytes().awaitRead(0, bytes, 0, bytes.length);
        return bytes;
    }

    /** The folder; {@code experts} writes what stands for a layer's experts. */
    private MemoryFiles folder(String quantization, Experts experts) {
        var writer = new SafeTensorsWriter();
        gguf.tensors().forEach((name, tensor) -> {
            if (!name.contains(".experts.")) {
                writer.tensor(name.replace("sinks.weight", "sinks"), tensor.dtype(), tensor.shape(), bytes(tensor));
            }
        });
        for (int layer = 0; layer < 3; layer++) {
            String at = "model.layers." + layer + ".mlp.experts.";
            experts.write(at, writer);
            writer.tensor(at + "gate_up_proj_bias", DType.F32, Shape.of(EXPERTS, 192), alternating(bytes(gguf.tensors().get(at + "gate_proj.bias")),
                bytes(gguf.tensors().get(at + "up_proj.bias")), 4));
            writer.tensor(at + "down_proj_bias", DType.F32, Shape.of(EXPERTS, 64), bytes(gguf.tensors().get(at + "down_proj.bias")));
        }
        Json.Obj config = JsonParser.parseObject(SPEC.config().toString());
        if (quantization != null) {
            config.put("quantization_config", JsonParser.parse(quantization));
        }
        MemoryFiles plain = new FamilyCheckpoint(SPEC).huggingFace();
        return plain.put("config.json", config.toString().getBytes(StandardCharsets.UTF_8)).put("model.safetensors", writer.toBytes());
    }

    private interface Experts {
        void write(String at, SafeTensorsWriter to);
    }

    /** Rows of a and b in turn. */
    private static byte[] alternating(byte[] a, byte[] b, int rowBytes) {
        byte[] both = new byte[a.length + b.length];
        for (int row = 0; row < a.length / rowBytes; row++) {
            System.arraycopy(a, row * rowBytes, both, 2 * row * rowBytes, rowBytes);
            System.arraycopy(b, row * rowBytes, both, (2 * row + 1) * rowBytes, rowBytes);
        }
        return both;
    }

    /** Of a row in the published form the codes (neighbours in a byte) or the scales. */
    private static byte[] published(byte[] ggml, boolean scales) {
        int blocks = ggml.length / 17;
        byte[] out = new byte[scales ? blocks : 16 * blocks];
        for (int block = 0; block < blocks; block++) {
            if (scales) {
                out[block] = ggml[17 * block];
                continue;
            }
            for (int i = 0; i < 32; i++) {
                int code = ggml[17 * block + 1 + i % 16] >> (i < 16 ? 0 : 4) & 15;
                out[16 * block + i / 2] |= (byte) (code << i % 2 * 4);
            }
        }
        return out;
    }

    private void blocks(String at, SafeTensorsWriter to) {
        byte[] gate = bytes(gguf.tensors().get(at + "gate_proj.weight"));
        byte[] up = bytes(gguf.tensors().get(at + "up_proj.weight"));
        byte[] down = bytes(gguf.tensors().get(at + "down_proj.weight"));
        to.tensor(at + "gate_up_proj_blocks", DType.U8, Shape.of(EXPERTS, 192, 2, 16), alternating(published(gate, false), published(up, false), 32));
        to.tensor(at + "gate_up_proj_scales", DType.U8, Shape.of(EXPERTS, 192, 2), alternating(published(gate, true), published(up, true), 2));
        to.tensor(at + "down_proj_blocks", DType.U8, Shape.of(EXPERTS, 64, 3, 16), published(down, false));
        to.tensor(at + "down_proj_scales", DType.U8, Shape.of(EXPERTS, 64, 3), published(down, true));
    }

    private static float[] logits(Checkpoint checkpoint) {
        try (var device = new ReferenceDevice(); var runner = new TokenRunner(checkpoint, device, 64)) {
            return runner.logits(1, 48, 85, 122, 159, 48, 85)[6];
        }
    }

    @Test
    void publishedBlocksAreThoseOfGguf() {
        Checkpoint published = Checkpoints.awaitOpen(folder("{\"quant_method\":\"mxfp4\",\"modules_to_not_convert\":[\"lm_head\"]}", this::blocks));
        gguf.tensors().forEach((name, tensor) -> {
            TensorEntry other = published.tensors().get(name.replace("sinks.weight", "sinks"));
            assertEquals(tensor.dtype(), other.dtype(), name);
            assertEquals(tensor.shape(), other.shape(), name);
            assertArrayEquals(bytes(tensor), bytes(other), name);
            // In pieces of a length that fits nothing, as devices may read.
            byte[] pieces = new byte[(int) other.bytes().length()];
            for (int from = 0; from < pieces.length; from += 77) {
                other.bytes().awaitRead(from, pieces, from, Math.min(77, pieces.length - from));
            }
            assertArrayEquals(bytes(tensor), pieces, name);
        });
        assertArrayEquals(logits(gguf), logits(published));
    }

    /** As fine-tuned models are saved: [experts, in, out], gate and up in turn. */
    @Test
    void dequantisedExpertsAreTurned() {
        Checkpoint plain = Checkpoints.awaitOpen(folder(null, (at, to) -> {
            to.tensor(at + "gate_up_proj", DType.F32, Shape.of(EXPERTS, 64, 192), turned(at, 64, "gate_proj", "up_proj"));
            to.tensor(at + "down_proj", DType.F32, Shape.of(EXPERTS, 96, 64), turned(at, 96, "down_proj"));
        }));
        assertEquals(Shape.of(EXPERTS, 96, 64), plain.tensors().get("model.layers.2.mlp.experts.up_proj.weight").shape());
        assertArrayEquals(logits(gguf), logits(plain), 1e-5f);
    }

    private byte[] turned(String at, int in, String... parts) {
        int elements = (int) gguf.tensors().get(at + parts[0] + ".weight").shape().elements();
        int out = elements / EXPERTS / in;
        float[] turned = new float[elements * parts.length];
        for (int part = 0; part < parts.length; part++) {
            float[] values = new float[elements];
            Quant.dequantize(DType.MXFP4, bytes(gguf.tensors().get(at + parts[part] + ".weight")), 0, values, 0, elements);
            for (int i = 0; i < elements; i++) {
                int expert = i / (out * in);
                turned[((expert * in + i % in) * out + i / in % out) * parts.length + part] = values[i];
            }
        }
        byte[] bytes = new byte[4 * turned.length];
        Quant.quantize(DType.F32, turned, 0, bytes, 0, turned.length);
        return bytes;
    }

    @Test
    void partsThatDoNotFitAreRefused() {
        CremaException error = assertThrows(CremaException.class, () -> Checkpoints.awaitOpen(folder("{\"quant_method\":\"mxfp4\"}", (at, to) ->
            to.tensor(at + "down_proj_blocks", DType.U8, Shape.of(EXPERTS, 64, 3, 16), new byte[EXPERTS * 64 * 48]))));
        assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code());
        assertTrue(error.getMessage().contains("down_proj_scales"), error.getMessage());
        error = assertThrows(CremaException.class, () -> Checkpoints.awaitOpen(folder("{\"quant_method\":\"mxfp4\"}", (at, to) -> {
            to.tensor(at + "down_proj_blocks", DType.U8, Shape.of(EXPERTS, 64, 3, 16), new byte[EXPERTS * 64 * 48]);
            to.tensor(at + "down_proj_scales", DType.U8, Shape.of(EXPERTS, 64, 2), new byte[EXPERTS * 64 * 2]);
        })));
        assertTrue(error.getMessage().contains("[4,64,2]") && error.getMessage().contains("[4,64,3,16]"), error.getMessage());
    }
}
