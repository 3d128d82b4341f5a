package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SyntheticCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

class DamagedGgufTest {
    private static final String NAME = "smallest-f16.gguf";
    private static final byte[] WHOLE = new SyntheticCheckpoint(Damaged.SPEC).gguf(DType.F16).get(NAME);

    private static MemoryFiles file(byte[] bytes) {
        return new MemoryFiles(NAME).put(NAME, bytes);
    }

    @Test
    void theWholeFileOpens() {
        assertNull(Damaged.open(file(WHOLE), "the whole file"));
    }

    @Test
    void everyPrefixIsAnError() {
        // The last tensor ends on the alignment, so there is no padding that a file could do without.
        for (int length = 0; length < WHOLE.length; length++) {
            CremaException error = Damaged.open(file(Arrays.copyOf(WHOLE, length)), "a prefix of " + length);
            assertNotNull(error, "a prefix of " + length + " of " + WHOLE.length + " bytes opens");
            assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code(), error.getMessage());
        }
    }

    @Test
    void randomFlipsEndInAnErrorOrAModel() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int header = indexOf("ffn_down") + 64;
        for (int i = 0; i < 6000; i++) {
            byte[] bytes = WHOLE.clone();
            int flips = 1 + random.nextInt(4);
            for (int j = 0; j < flips; j++) {
                bytes[random.nextInt(header)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(2) - 1);
            }
            Damaged.open(file(bytes), "flips with seed " + seed + ", round " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 1L << 62, 1L << 32, (1L << 32) - 1, 1L << 31, Integer.MAX_VALUE, 1 << 24})
    void hostileNumbersAreErrors(long number) {
        for (int at : new int[] {8, 16}) {
            refused(at, number, at == 8 ? "tensors" : "keys");
        }
        refused(24, number, "bytes");
        int key = indexOf("general.architecture");
        refused(key - 8, number, "bytes");
        refused(key + "general.architecture".length() + 4, number, "bytes");
        int tokens = indexOf("tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length();
        refused(tokens + 8, number, "tokenizer.ggml.tokens claims");
        int tensor = indexOf("blk.0.attn_q.weight") + "blk.0.attn_q.weight".length();
        refused(tensor + 4, number, "blk.0.attn_q.weight");
        refused(tensor + 12, number, "blk.0.attn_q.weight");
        refused(tensor + 24, number / 32 * 32, "blk.0.attn_q.weight");
    }

    private static void refused(int at, long number, String part) {
        byte[] bytes = WHOLE.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, number);
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, file(bytes), part);
    }

    private static int indexOf(String text) {
        return new String(WHOLE, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    @Test
    void versionsAndByteOrder() {
        byte[] bytes = WHOLE.clone();
        bytes[4] = 1;
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, file(bytes), "GGUF version 1", "2 and 3");
        bytes[4] = 2;
        assertNull(Damaged.open(file(bytes), "version 2"));
        bytes[4] = 0;
        bytes[7] = 3;
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, file(bytes), "big-endian");
        bytes = WHOLE.clone();
        bytes[0] = 'g';
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, file(bytes), "no GGUF file");
    }

    @Test
    void contradictionsAreErrors() {
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, gguf(w -> { }), "general.architecture");
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, gguf(w -> w.put("general.architecture", "unheard")), "unheard", "llama, qwen2, qwen3", "dev.crema.checkpoint.GgufArchitecture");
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, gguf(w -> w.put("general.architecture", "rwkv7")), "rwkv7", "recurrent state", "llama, qwen2, qwen3");
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, gguf(w -> w.put("general.architecture", "llama").put("split.count", 3).put("split.no", 1)),
            "part 2 of 3");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, gguf(w -> w.put("general.architecture", 5)), "general.architecture is a whole number");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, gguf(w -> w.put("general.alignment", 33)), "general.alignment is 33");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, gguf(w -> w.tensor("a", DType.F32, Shape.of(8), new byte[32])
            .tensor("a", DType.F32, Shape.of(8), new byte[32])), "tensor a is there twice");
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, gguf(w -> w.put("general.architecture", "llama")
            .put("llama.attention.head_count", new int[] {8, 4})), "differs from layer to layer");
    }

    @Test
    void tensorsMayNotOverlap() {
        byte[] bytes = WHOLE.clone();
        int tensor = indexOf("blk.0.attn_q.weight") + "blk.0.attn_q.weight".length();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(tensor + 24, 0);
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, file(bytes), "token_embd.weight", "blk.0.attn_q.weight", "overlap");
    }

    @Test
    void keysAreUnique() {
        byte[] other = "general.name".getBytes(StandardCharsets.ISO_8859_1);
        var files = gguf(w -> w.put("general.name", "x").put("general.nbme", "y"));
        byte[] twice = files.get("made.gguf");
        int at = new String(twice, StandardCharsets.ISO_8859_1).indexOf("general.nbme");
        System.arraycopy(other, 0, twice, at, other.length);
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, files, "general.name is there twice");
    }

    private interface Fill {
        void into(GgufWriter writer);
    }

    private static MemoryFiles gguf(Fill fill) {
        var writer = new GgufWriter();
        fill.into(writer);
        return new MemoryFiles("made.gguf").put("made.gguf", writer.toBytes());
    }
}
