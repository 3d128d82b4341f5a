package dev.crema.tokenizer;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Damaged and hostile files end in an error that names the key. */
class HostileTokenizersTest {
    private static final long SEED = 5;

    /** Path to set in the byte-level file, its new value, what the error must say. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "model | 3 | tokenizer.json.model is of type number, expected an object",
        "model.vocab | [] | model.vocab is of type array",
        "model.vocab.h | -1 | model.vocab.h is -1",
        "model.vocab.h | 1.5 | model.vocab.h is of type number, expected a whole number",
        "model.vocab.h | 99999999999 | model.vocab.h is 99999999999, expected 0 to",
        "model.vocab.h | 200000000 | model.vocab.h is 200000000",
        "model.vocab.h | `\"104\"` | model.vocab.h is of type string",
        "model.vocab.i | 104 | has the id 104",
        "model.merges | null | model.merges is of type null",
        "model.merges.0 | `\"h\"` | model.merges[0] is \"h\"",
        "model.merges.0 | `\"a b c\"` | model.merges[0] is",
        "model.merges.0 | 7 | model.merges[0] is of type number",
        "model.merges.0 | `[\"h\", 1]` | model.merges[0] is of type array, expected two tokens",
        "model.merges.0 | `\"x yz\"` | model.merges[0] needs the token \"yz\"",
        "model.merges.0 | `\"x y\"` | model.merges[0] needs the token \"xy\"",
        "model.unk_token | `\"<no>\"` | model.unk_token is \"<no>\"",
        "model.byte_fallback | 1 | model.byte_fallback is of type number",
        "added_tokens | {} | added_tokens is of type object",
        "added_tokens.0 | 1 | added_tokens[0] is of type number",
        "added_tokens.0.id | null | added_tokens[0].id is of type null",
        "added_tokens.0.id | 5 | added_tokens[0].id is 5",
        "added_tokens.0.id | 267 | added_tokens[1].id is 267",
        "added_tokens.0.content | `\"\"` | added_tokens[0].content is empty",
        "added_tokens.0.content | `\"<tool>\"` | \"<tool>\" has the ids",
        "added_tokens.0.special | `\"yes\"` | added_tokens[0].special is of type string",
        "pre_tokenizer | [] | pre_tokenizer is of type array",
        "pre_tokenizer.type | null | pre_tokenizer.type is of type null",
        "pre_tokenizer.pretokenizers.0.pattern.Regex | 1 | pretokenizers[0].pattern.Regex is of type number",
        "pre_tokenizer.pretokenizers.0.behavior | `\"Sometimes\"` | pretokenizers[0].behavior is Sometimes",
        "normalizer | `{\"type\": \"Prepend\"}` | normalizer.prepend is missing",
        "normalizer | `{\"type\": \"Replace\", \"pattern\": {\"String\": \"\"}, \"content\": \"x\"}` | normalizer.pattern.String is empty",
        "decoder | `{\"type\": \"Sequence\"}` | decoder.decoders is missing",
        "model.type | `\"Unigram\"` | model.vocab is of type object",
        "post_processor | `{\"type\": \"BertProcessing\"}` | post_processor.cls is missing",
        "post_processor | `{\"type\": \"TemplateProcessing\"}` | post_processor.single is missing"})
    void damagedFiles(String path, String value, String message) {
        check(ErrorCode.INVALID_CHECKPOINT, path, value, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "model.type | `\"WordLevel\"` | model.type is WordLevel",
        "model.end_of_word_suffix | `\"</w>\"` | model.end_of_word_suffix is </w>",
        "model.dropout | 0.1 | model.dropout is 0.1",
        "normalizer | `{\"type\": \"NFKC\"}` | normalizer is NFKC",
        "normalizer | `{\"type\": \"Replace\", \"pattern\": {\"Regex\": \" +\"}, \"content\": \"x\"}` | is the regular expression  +",
        "pre_tokenizer.pretokenizers.0.type | `\"UnicodeScripts\"` | pretokenizers[0] is UnicodeScripts",
        "pre_tokenizer.pretokenizers.0.pattern.Regex | `\"\\\\w+\"` | pretokenizers[0].pattern is the regular expression \\w+",
        "pre_tokenizer.pretokenizers.1 | `{\"type\": \"Digits\"}` | is not ByteLevel, but the decoder is",
        "decoder | `{\"type\": \"CTC\"}` | decoder is CTC",
        "post_processor | `{\"type\": \"ElectraProcessing\"}` | post_processor is ElectraProcessing"})
    void componentsThatAreNotSupported(String path, String value, String message) {
        check(ErrorCode.UNSUPPORTED_MODEL, path, value, message);
    }

    private static void check(ErrorCode code, String path, String value, String message) {
        Json.Obj json = TinyTokenizers.byteLevelJson();
        set(json, path, JsonParser.parse(value));
        CremaException error = assertThrows(CremaException.class, () -> Tokenizers.ofHuggingFace(json, null));
        assertEquals(code, error.code(), error.getMessage());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    private static void set(Json.Obj root, String path, Json value) {
        int dot = path.lastIndexOf('.');
        Json parent = dot < 0 ? root : TinyTokenizers.at(root, path.substring(0, dot));
        String last = path.substring(dot + 1);
        if (parent instanceof Json.Arr array) {
            array.items().set(Integer.parseInt(last), value);
        } else {
            ((Json.Obj) parent).put(last, value);
        }
    }

    @Test
    void everyMemberMayBeMissingOrOfAnotherType() {
        Json[] others = {Json.NULL, Json.TRUE, Json.of(-1), Json.of("x"), Json.of(1e300), new Json.Arr(), new Json.Obj()};
        for (String text : List.of(TinyTokenizers.byteLevelJson().toString(), TinyTokenizers.sentencePieceJson().toString())) {
            List<String> paths = new ArrayList<>();
            collect(JsonParser.parse(text), "", paths);
            var random = new Random(SEED);
            for (String path : paths) {
                // The vocabulary and its merges are many of a kind: a sample is enough.
                if ((path.startsWith("model.vocab.") || path.startsWith("model.merges.")) && random.nextInt(20) > 0) {
                    continue;
                }
                for (Json other : others) {
                    Json.Obj json = JsonParser.parseObject(text);
                    set(json, path, other);
                    loadsOrRefuses(json, path + " = " + other);
                }
                Json.Obj json = JsonParser.parseObject(text);
                int dot = path.lastIndexOf('.');
                if ((dot < 0 ? json : TinyTokenizers.at(json, path.substring(0, dot))) instanceof Json.Obj parent) {
                    parent.members().remove(path.substring(dot + 1));
                    loadsOrRefuses(json, "without " + path);
                }
            }
        }
    }

    private static void loadsOrRefuses(Json.Obj json, String what) {
        try {
            Tokenizer tokenizer = Tokenizers.ofHuggingFace(json, null);
            tokenizer.decode(tokenizer.encode("hello <s> é 🦙", Tokenizer.Special.PARSE), true);
        } catch (CremaException error) {
            assertTrue(error.code() == ErrorCode.INVALID_CHECKPOINT || error.code() == ErrorCode.UNSUPPORTED_MODEL, what + ": " + error.getMessage());
            assertTrue(error.getMessage().startsWith("tokenizer.json"), what + ": " + error.getMessage());
        }
    }

    private static void collect(Json value, String path, List<String> paths) {
        if (value instanceof Json.Obj object) {
            for (Map.Entry<String, Json> member : object.members().entrySet()) {
                if (!member.getKey().isEmpty() && member.getKey().indexOf('.') < 0) {
                    String inner = path.isEmpty() ? member.getKey() : path + "." + member.getKey();
                    paths.add(inner);
                    collect(member.getValue(), inner, paths);
                }
            }
        } else if (value instanceof Json.Arr array) {
            for (int i = 0; i < array.size(); i++) {
                paths.add(path + "." + i);
                collect(array.get(i), path + "." + i, paths);
            }
        }
    }

    @Test
    void configsOfTheWrongType() {
        for (String config : List.of("{\"bos_token\": 1}", "{\"bos_token\": {\"id\": 3}}", "{\"add_bos_token\": \"yes\", \"bos_token\": \"<|end|>\"}",
                "{\"added_tokens_decoder\": []}", "{\"added_tokens_decoder\": {\"x\": {\"content\": \"a\"}}}",
                "{\"added_tokens_decoder\": {\"99999999\": {\"content\": \"a\"}}}", "{\"added_tokens_decoder\": {\"300\": {}}}")) {
            CremaException error = assertThrows(CremaException.class,
                () -> Tokenizers.ofHuggingFace(TinyTokenizers.byteLevelJson(), JsonParser.parseObject(config)), config);
            assertEquals(ErrorCode.INVALID_CHECKPOINT, error.code());
            assertTrue(error.getMessage().startsWith("tokenizer_config.json"), error.getMessage());
        }
    }

    @Test
    void damagedGgufKeys() {
        refuse(TinyTokenizers.byteLevelGguf(), "model", "plamo2", ErrorCode.UNSUPPORTED_MODEL, "model is plamo2");
        refuse(TinyTokenizers.byteLevelGguf(), "model", "bert", ErrorCode.INVALID_CHECKPOINT, "unknown_token_id is missing");
        refuse(TinyTokenizers.byteLevelGguf(), "pre", "martian", ErrorCode.UNSUPPORTED_MODEL, "pre is martian");
        refuse(TinyTokenizers.byteLevelGguf(), "model", null, ErrorCode.INVALID_CHECKPOINT, "model is missing");
        refuse(TinyTokenizers.byteLevelGguf(), "tokens", null, ErrorCode.INVALID_CHECKPOINT, "tokens is missing");
        refuse(TinyTokenizers.byteLevelGguf(), "tokens", new String[0], ErrorCode.INVALID_CHECKPOINT, "tokens is empty");
        refuse(TinyTokenizers.byteLevelGguf(), "merges", null, ErrorCode.INVALID_CHECKPOINT, "merges is missing");
        refuse(TinyTokenizers.byteLevelGguf(), "merges", new String[] {""}, ErrorCode.INVALID_CHECKPOINT, "merges[0]");
        refuse(TinyTokenizers.byteLevelGguf(), "merges", new String[] {"x yz"}, ErrorCode.INVALID_CHECKPOINT, "merges[0] needs the token \"yz\"");
        refuse(TinyTokenizers.byteLevelGguf(), "token_type", new int[3], ErrorCode.INVALID_CHECKPOINT, "token_type has 3 entries");
        refuse(TinyTokenizers.byteLevelGguf(), "eos_token_id", 100_000L, ErrorCode.INVALID_CHECKPOINT, "eos_token_id is 100000");
        refuse(TinyTokenizers.byteLevelGguf(), "eos_token_id", "x", ErrorCode.INVALID_CHECKPOINT, "eos_token_id");
        refuse(TinyTokenizers.sentencePieceGguf(), "scores", null, ErrorCode.INVALID_CHECKPOINT, "scores is missing");
        refuse(TinyTokenizers.sentencePieceGguf(), "scores", new float[] {1}, ErrorCode.INVALID_CHECKPOINT, "scores has 1 entries");
        Metadata metadata = TinyTokenizers.sentencePieceGguf();
        metadata.floats("tokenizer.ggml.scores")[300 - 40] = Float.NaN;
        refuse(metadata, "add_bos_token", true, ErrorCode.INVALID_CHECKPOINT, "scores[260] is not a number");
        metadata = TinyTokenizers.sentencePieceGguf();
        metadata.integers("tokenizer.ggml.token_type")[270] = 9;
        refuse(metadata, "add_bos_token", true, ErrorCode.INVALID_CHECKPOINT, "token_type[270] is 9");
        metadata = TinyTokenizers.sentencePieceGguf();
        metadata.integers("tokenizer.ggml.token_type")[270] = 6;
        refuse(metadata, "add_bos_token", true, ErrorCode.INVALID_CHECKPOINT, "tokens[270]");
        metadata = TinyTokenizers.sentencePieceGguf();
        metadata.strings("tokenizer.ggml.tokens")[3] = "zero";
        metadata.integers("tokenizer.ggml.token_type")[3] = 1;
        refuse(metadata, "unknown_token_id", -1L, ErrorCode.INVALID_CHECKPOINT, "neither a token of byte 0 nor an unknown token");
    }

    private static void refuse(Metadata metadata, String key, Object value, ErrorCode code, String message) {
        if (value == null) {
            metadata.values().remove("tokenizer.ggml." + key);
        } else {
            metadata.put("tokenizer.ggml." + key, value);
        }
        CremaException error = assertThrows(CremaException.class, () -> Tokenizers.ofGguf(metadata));
        assertEquals(code, error.code(), error.getMessage());
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }
}
