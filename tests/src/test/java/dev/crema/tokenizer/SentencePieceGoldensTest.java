package dev.crema.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.CremaException;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.VocabularyFile;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.SafeTensorsWriter;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;

/** {@code tokenizer.model}: the ids are those of the SentencePiece library, which trained the models (goldens/make/sentencepiece_models.py). */
class SentencePieceGoldensTest {
    private static final long SEED = 5;
    private static final String NAME = "tokenizer.model";

    private static Json.Obj golden(String name) throws IOException {
        return JsonParser.parseObject(Files.readString(Goldens.path("sentencepiece/" + name + ".json")));
    }

    private static byte[] model(String name) throws IOException {
        return Base64.getDecoder().decode(((Json.Str) golden(name).get("model")).value());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Tokenizer open(byte[] model) {
        return Tokenizers.ofFile(new VocabularyFile(NAME, model), null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpe-bytes", "bpe-plain", "bpe-spaces", "bpe-rules", "bpe-unused", "unigram-rules", "unigram-bytes", "unigram-unused"})
    void idsAreTheLibrarys(String name) throws IOException {
        Json.Arr cases = (Json.Arr) golden(name).get("cases");
        Tokenizer tokenizer = open(model(name));
        for (Json each : cases.items()) {
            String text = ((Json.Str) ((Json.Obj) each).get("text")).value();
            int[] ids = ((Json.Arr) ((Json.Obj) each).get("ids")).items().stream().mapToInt(id -> (int) ((Json.Num) id).longValue()).toArray();
            assertArrayEquals(ids, tokenizer.encode(text, Special.TEXT), () -> name + ": " + Json.of(text) + " is " + Arrays.toString(ids) + ", not "
                + Arrays.toString(tokenizer.encode(text, Special.TEXT)));
        }
        assertTrue(cases.size() > 300);
        String line = "a".repeat(1 << 20);
        assertTrue(tokenizer.encode(line, Special.TEXT).length > 1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bpe-bytes", "bpe-spaces", "unigram-bytes"})
    void decodingGivesTheTextBack(String name) throws IOException {
        Tokenizer tokenizer = open(model(name));
        for (String text : new String[] {"Hello  world ", " x\n\ny\t🦙 <tool> 한국", "<|im_start|></s>", "e\u0301\u0000"}) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text, Special.TEXT), false));
        }
    }

    @Test
    void controlPiecesAndConfig() throws IOException {
        Tokenizer tokenizer = open(model("bpe-bytes"));
        int start = tokenizer.id("<|im_start|>");
        assertEquals(start, tokenizer.encode("<|im_start|>a", Special.PARSE)[0]);
        assertTrue(tokenizer.isSpecial(start));
        assertEquals(1, tokenizer.bos());
        assertEquals(2, tokenizer.eos());
        assertTrue(tokenizer.addsBos());
        Json.Obj config = JsonParser.parseObject("""
            {"add_bos_token": false, "add_eos_token": true, "bos_token": null, "eos_token": {"content": "<|im_end|>"},
             "added_tokens_decoder": {"700": {"content": "<|im_end|>", "special": true}, "701": {"content": "<think>", "special": false}}}""");
        Tokenizer configured = Tokenizers.ofFile(new VocabularyFile(NAME, model("bpe-bytes")), config);
        assertEquals(-1, configured.bos());
        assertEquals(700, configured.eos());
        assertEquals(700, configured.suffix());
        assertEquals(702, configured.vocabSize());
        assertArrayEquals(new int[] {701, 700}, configured.encode("<think><|im_end|>", Special.PARSE));
    }

    /** A folder without tokenizer.json; what it adds to the pieces stands in a file of its own, as in older folders. */
    @Test
    void aFolderMayHaveTheModelInPlaceOfTokenizerJson() throws IOException {
        byte[] weights = new SafeTensorsWriter().tensor("a", DType.F32, Shape.of(1), new byte[4]).toBytes();
        Checkpoint checkpoint = Checkpoints.awaitOpen(new MemoryFiles("old").put("config.json", utf8("{\"model_type\": \"llama\"}")).put("model.safetensors", weights)
            .put(NAME, model("bpe-bytes")).put("added_tokens.json", utf8("{\"<|im_end|>\": 700}")));
        Tokenizer tokenizer = Tokenizers.ofFile(checkpoint.vocabularyFile(), checkpoint.tokenizerConfig());
        assertEquals(700, tokenizer.encode("<|im_end|>", Special.PARSE)[0]);
        assertTrue(tokenizer.isSpecial(700));
    }

    /** Every cut and every bent byte is an error of ours or a tokenizer; lengths cost no memory before they are checked. */
    @Test
    void damagedFilesAreRefused() throws IOException {
        byte[] whole = model("unigram-rules");
        var random = new Random(SEED);
        int refused = 0;
        for (int i = 0; i < 2000; i++) {
            byte[] bent = i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
            for (int k = i % 2 == 0 ? 0 : 1 + random.nextInt(3); k > 0; k--) {
                bent[random.nextInt(bent.length)] ^= (byte) (1 + random.nextInt(255));
            }
            try {
                open(bent).encode("Hello \uFB01 <tool> 🦙 THE", Special.PARSE);
            } catch (CremaException e) {
                refused++;
                assertTrue(e.getMessage().contains(NAME) || e.getMessage().contains("charsmap"), e.getMessage());
            }
        }
        assertTrue(refused > 500, refused + " were refused");
        byte[] huge = {0x0A, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x07};
        assertTrue(assertThrows(CremaException.class, () -> open(huge)).getMessage().contains("field 1 of 2147483647 bytes where 0 are left"));
        assertThrows(CremaException.class, () -> open(new byte[0]));
        assertThrows(CremaException.class, () -> open(utf8("{\"version\": 1}")));
    }
}
