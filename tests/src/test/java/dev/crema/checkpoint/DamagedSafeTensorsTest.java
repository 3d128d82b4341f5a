package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SafeTensorsWriter;
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

class DamagedSafeTensorsTest {
    private static final String WEIGHTS = "model.safetensors";
    private static final SyntheticCheckpoint CHECKPOINT = new SyntheticCheckpoint(Damaged.SPEC);
    private static final byte[] WHOLE = CHECKPOINT.huggingFace(DType.F16).get(WEIGHTS);

    private static MemoryFiles folder(byte[] weights) {
        return CHECKPOINT.huggingFace(DType.F16).put(WEIGHTS, weights);
    }

    private static MemoryFiles with(String file, String text) {
        return CHECKPOINT.huggingFace(DType.F16).put(file, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyPrefixIsAnError() {
        assertNull(Damaged.open(folder(WHOLE), "the whole file"));
        MemoryFiles folder = folder(WHOLE);
        for (int length = 0; length < WHOLE.length; length++) {
            CremaException error = Damaged.open(folder.put(WEIGHTS, Arrays.copyOf(WHOLE, length)), "a prefix of " + length);
            assertNotNull(error, "a prefix of " + length + " of " + WHOLE.length + " bytes opens");
            assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code(), error.getMessage());
        }
    }

    @Test
    void randomFlipsEndInAnErrorOrAModel() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int header = 8 + (int) ByteBuffer.wrap(WHOLE).order(ByteOrder.LITTLE_ENDIAN).getLong();
        MemoryFiles folder = folder(WHOLE);
        for (int i = 0; i < 4000; i++) {
            byte[] bytes = WHOLE.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                bytes[random.nextInt(header)] ^= (byte) (1 << random.nextInt(8));
            }
            Damaged.open(folder.put(WEIGHTS, bytes), "flips with seed " + seed + ", round " + i);
        }
        for (String file : new String[] {"config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"}) {
            for (int i = 0; i < 1500; i++) {
                MemoryFiles damaged = folder(WHOLE);
                byte[] bytes = damaged.get(file).clone();
                bytes[random.nextInt(bytes.length)] = (byte) "0129-.eE[]{}\",:xn ".charAt(random.nextInt(18));
                Damaged.open(damaged.put(file, bytes), file + " with seed " + seed + ", round " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 1L << 62, 1L << 32, (1L << 32) - 1, 1L << 31, Integer.MAX_VALUE, 1 << 24, 0, 1})
    void aHeaderLongerThanTheFileIsAnError(long length) {
        byte[] bytes = WHOLE.clone();
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, folder(bytes), "the header should have", "" + WHOLE.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[4,12]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[0,15]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[16,0]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[1000,1016]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[-8],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8.5],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[0,1e99]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[0,99999999999999999999999999]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[8],\"data_offsets\":[0,16,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":\"8\",\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[1,1,1,1,1,1,1,1,8],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"shape\":[8],\"data_offsets\":[0,16]}}", "{\"a\":7}", "[]", "{", "nonsense"})
    void headersThatContradictTheFileAreErrors(String header) {
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, folder(SafeTensorsWriter.withHeader(header, new byte[16])), WEIGHTS);
    }

    @Test
    void unknownFormatsAreNamed() {
        byte[] weights = SafeTensorsWriter.withHeader("{\"a\":{\"dtype\":\"F4\",\"shape\":[32],\"data_offsets\":[0,16]}}", new byte[16]);
        Damaged.assertRefused(ErrorCode.UNSUPPORTED_MODEL, folder(weights), "tensor a", "F4");
    }

    @Test
    void shardsAreChecked() {
        MemoryFiles whole = CHECKPOINT.sharded(DType.F16, 3);
        assertNull(Damaged.open(whole, "three shards"));
        Json.Obj index = JsonParser.parseObject(new String(whole.get("model.safetensors.index.json"), StandardCharsets.UTF_8));
        var map = (Json.Obj) index.get("weight_map");

        map.put("model.norm.weight", "../../secret.safetensors");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, withIndex(index), "model.norm.weight", "no file name");
        map.put("model.norm.weight", "model-00004-of-00003.safetensors");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, withIndex(index), "model-00004-of-00003.safetensors", "missing");
        map.put("model.norm.weight", "model-00001-of-00003.safetensors").put("model.other.weight", "model-00001-of-00003.safetensors");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, withIndex(index), "model.other.weight");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, withIndex(new Json.Obj()), "weight_map");
        MemoryFiles twice = CHECKPOINT.sharded(DType.F16, 3);
        twice.put("model-00002-of-00003.safetensors", twice.get("model-00001-of-00003.safetensors"));
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, twice, "there twice");
    }

    private static MemoryFiles withIndex(Json.Obj index) {
        return CHECKPOINT.sharded(DType.F16, 3).put("model.safetensors.index.json", index.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void missingFilesAreNamed() {
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, new MemoryFiles("empty"), "empty has no config.json");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, new MemoryFiles("m").put("a.gguf", WHOLE).put("b.gguf", WHOLE), "2 GGUF files", "a.gguf, b.gguf");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, new MemoryFiles("x").put("model.safetensors", WHOLE), "model.safetensors is no GGUF file");
        MemoryFiles pickled = new MemoryFiles("p").put("config.json", CHECKPOINT.huggingFace(DType.F16).get("config.json"))
            .put("pytorch_model.bin", new byte[9]);
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, pickled, "neither model.safetensors nor", "convert them to safetensors");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, with("config.json", "[1]"), "config.json", "no JSON object");
        Damaged.assertRefused(ErrorCode.INVALID_CHECKPOINT, with("tokenizer.json", "{\"model\":"), "tokenizer.json", "line 1");
    }
}
