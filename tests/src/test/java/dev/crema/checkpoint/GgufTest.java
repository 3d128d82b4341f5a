package dev.crema.checkpoint;

import dev.crema.ErrorCode;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Bytes;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SyntheticCheckpoint;
import dev.crema.testing.SyntheticSpecs;
import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class GgufTest {
    /** The header of one key "k" with a value as it is given, and no tensor. */
    private static Metadata metadata(int type, String hex) {
        byte[] value = HexFormat.of().parseHex(hex.replace(" ", ""));
        ByteBuffer file = ByteBuffer.allocate(24 + 8 + 1 + 4 + value.length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("GGUF".getBytes(StandardCharsets.US_ASCII)).putInt(3).putLong(0).putLong(1).putLong(1).put((byte) 'k').putInt(type).put(value);
        return Gguf.awaitRead("file", new ArrayBytes(file.array())).metadata;
    }

    @Test
    void everyTypeOfValueIsRead() {
        assertEquals(200L, metadata(0, "c8").values().get("k"));
        assertEquals(-56L, metadata(1, "c8").values().get("k"));
        assertEquals(65535L, metadata(2, "ffff").values().get("k"));
        assertEquals(-1L, metadata(3, "ffff").values().get("k"));
        assertEquals(4294967295L, metadata(4, "ffffffff").values().get("k"));
        assertEquals(-1L, metadata(5, "ffffffff").values().get("k"));
        assertEquals(1.5, metadata(6, "0000c03f").values().get("k"));
        assertEquals(true, metadata(7, "01").values().get("k"));
        assertEquals("äb", metadata(8, "0300000000000000 c3a462").values().get("k"));
        assertEquals(Long.MAX_VALUE, metadata(10, "ffffffffffffff7f").values().get("k"));
        assertEquals(-2L, metadata(11, "feffffffffffffff").values().get("k"));
        assertEquals(-0.5, metadata(12, "000000000000e0bf").values().get("k"));
        assertArrayEquals(new byte[] {1, 0}, (byte[]) metadata(9, "07000000 0200000000000000 0100").values().get("k"));
        assertArrayEquals(new int[] {65535, 2}, metadata(9, "02000000 0200000000000000 ffff0200").integers("k"));
        assertArrayEquals(new int[] {-1}, metadata(9, "03000000 0100000000000000 ffff").integers("k"));
        assertArrayEquals(new float[] {1.5f}, metadata(9, "06000000 0100000000000000 0000c03f").floats("k"));
        assertArrayEquals(new double[] {-0.5}, (double[]) metadata(9, "0c000000 0100000000000000 000000000000e0bf").values().get("k"));
        assertArrayEquals(new long[] {-2}, (long[]) metadata(9, "0b000000 0100000000000000 feffffffffffffff").values().get("k"));
        assertArrayEquals(new String[] {"", "a"}, metadata(9, "08000000 0200000000000000 0000000000000000 010000000000000061").strings("k"));
    }

    @Test
    void everyTensorFormatIsRecognised() {
        var writer = new GgufWriter().put("general.architecture", "llama");
        int count = 0;
        for (DType dtype : DType.values()) {
            if (dtype.ggmlId() >= 0) {
                writer.tensor("t." + dtype, dtype, Shape.of(3, 256), new byte[(int) dtype.bytes(768)]);
                count++;
            }
        }
        Checkpoint checkpoint = Checkpoints.awaitOpen(new MemoryFiles("all.gguf").put("all.gguf", writer.toBytes()));
        assertEquals(count, checkpoint.tensors().size());
        for (TensorEntry entry : checkpoint.tensors().values()) {
            // Formats that no device computes with are read as one that holds the same numbers.
            assertEquals(DeviceFormats.target(DType.valueOf(entry.name().substring(2))), entry.dtype(), entry.name());
            assertEquals(Shape.of(3, 256), entry.shape());
            assertEquals(entry.dtype().bytes(768), entry.bytes().length());
        }
    }

    @Test
    void namesAndConfigAreHuggingFaces() {
        var checkpoint = new SyntheticCheckpoint(SyntheticSpecs.named("tiny-qwen2-yarn"));
        Checkpoint gguf = Checkpoints.awaitOpen(checkpoint.gguf(DType.Q4_0));
        assertEquals(List.copyOf(checkpoint.shapes().keySet()), List.copyOf(gguf.tensors().keySet()));
        gguf.tensors().forEach((name, entry) -> assertEquals(checkpoint.shapes().get(name), entry.shape(), name));
        assertEquals("{\"model_type\":\"qwen2\",\"hidden_size\":128,\"intermediate_size\":96,\"num_hidden_layers\":2,\"max_position_embeddings\":256,"
            + "\"vocab_size\":320,\"tie_word_embeddings\":false,\"eos_token_id\":283,\"num_attention_heads\":4,\"num_key_value_heads\":2,\"head_dim\":32,"
            + "\"rms_norm_eps\":9.999999747378752E-6,\"hidden_act\":\"silu\",\"rope_interleaved\":false,\"rope_theta\":10000.0,"
            + "\"rope_scaling\":{\"rope_type\":\"yarn\",\"factor\":4.0,\"original_max_position_embeddings\":64}}", gguf.config().toString());
        assertEquals("{\"eos_token_id\":[283]}", gguf.generationConfig().toString());
    }

    @Test
    void sizesThatAllLayersShareMayBeArrays() {
        var writer = new GgufWriter().put("general.architecture", "qwen3").put("qwen3.attention.head_count", new int[] {8, 8})
            .put("qwen3.feed_forward_length", new int[] {96, 96}).put("qwen3.rope.dimension_count", 16).put("qwen3.attention.key_length", 32)
            .put("tokenizer.ggml.eos_token_id", 3).put("tokenizer.ggml.eot_token_id", 5).put("general.sampling.temp", 0.5f)
            .put("general.sampling.top_k", 20);
        Checkpoint checkpoint = Checkpoints.awaitOpen(new MemoryFiles("a.gguf").put("a.gguf", writer.toBytes()));
        assertEquals("8", checkpoint.config().get("num_attention_heads").toString());
        assertEquals("96", checkpoint.config().get("intermediate_size").toString());
        assertEquals("0.5", checkpoint.config().get("partial_rotary_factor").toString());
        assertEquals("{\"eos_token_id\":[3,5],\"temperature\":0.5,\"top_k\":20}", checkpoint.generationConfig().toString());
    }

    @Test
    void unknownArchitecturesCanBeInspected() {
        var writer = new GgufWriter().put("general.architecture", "mamba").put("mamba.ssm.state_size", 16).put("mamba.context_length", 2048)
            .tensor("blk.0.ssm_a", DType.F32, Shape.of(8, 16), new byte[512]);
        Checkpoint checkpoint = Checkpoints.awaitInspect(new MemoryFiles("a.gguf").put("a.gguf", writer.toBytes()));
        assertEquals("{\"model_type\":\"mamba\",\"ssm.state_size\":16,\"context_length\":2048}", checkpoint.config().toString());
        assertEquals(Shape.of(8, 16), checkpoint.tensors().get("blk.0.ssm_a").shape());
    }

    /** Counts reads, as requests to a server would be. */
    private static final class CountedBytes implements Bytes {
        private final Bytes bytes;
        private int reads;
        private long total;

        CountedBytes(Bytes bytes) {
            this.bytes = bytes;
        }

        @Override
        public long length() {
            return bytes.length();
        }

        @Override
        public Bytes slice(long offset, long length) {
            return bytes.slice(offset, length);
        }

        @Override
        public void awaitRead(long position, byte[] target, int offset, int length) {
            reads++;
            total += length;
            bytes.awaitRead(position, target, offset, length);
        }
    }

    @Test
    void aLargeVocabularyIsReadInFewGrowingPieces() {
        var tokens = new String[300_000];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = "token number " + i;
        }
        byte[] file = new GgufWriter().put("tokenizer.ggml.tokens", tokens).put("tokenizer.ggml.scores", new float[tokens.length])
            .tensor("x", DType.F32, Shape.of(1 << 23), new byte[4 << 23]).toBytes();
        var counted = new CountedBytes(new ArrayBytes(file));
        Gguf gguf = Gguf.awaitRead("large", counted);
        assertArrayEquals(tokens, gguf.metadata.strings("tokenizer.ggml.tokens"));
        assertEquals(1 << 23, gguf.tensors.get("x").shape().extent(0));
        assertTrue(counted.reads <= 8, counted.reads + " reads");
        assertTrue(counted.total <= 20_000_000, counted.total + " bytes of " + file.length);
    }

    @Test
    void twoTemplatesBecomeOne() {
        var writer = new GgufWriter().put("general.architecture", "llama").put("tokenizer.chat_template", "a\n").put("tokenizer.chat_template.tool_use", "b");
        assertEquals("{% if tools %}b{% else %}a{% endif %}",
            Checkpoints.awaitOpen(new MemoryFiles("a.gguf").put("a.gguf", writer.toBytes())).chatTemplate());
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, new MemoryFiles("a.gguf").put("a.gguf", writer.toBytes()), "hidden_size");
    }
}
