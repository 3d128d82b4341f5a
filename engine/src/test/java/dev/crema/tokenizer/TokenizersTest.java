package dev.crema.tokenizer;

import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.Test;

import java.util.List;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TokenizersTest {
    private static final Json.Obj EMPTY = new Json.Obj();

    @Test
    void bothFileFormatsMakeTheSameTokenizer() {
        for (String text : List.of("hello world", "  hello\n\n  hello's é 🦙 aaaaa", "", " ", "<|end|>x<tool>", "<s>h</s>", "<0x0A>")) {
            for (Special special : Special.values()) {
                assertArrayEquals(TinyTokenizers.byteLevel().encode(text, special),
                    Tokenizers.ofGguf(TinyTokenizers.byteLevelGguf()).encode(text, special), text);
                assertArrayEquals(TinyTokenizers.sentencePiece().encode(text, special),
                    Tokenizers.ofGguf(TinyTokenizers.sentencePieceGguf()).encode(text, special), text);
            }
        }
    }

    @Test
    void encodingAndDecodingIsTheIdentity() {
        var everything = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c != 0x2581 && (c < 0xD800 || c >= 0xE000)) {
                everything.appendCodePoint(c);
            }
        }
        List<String> texts = List.of("", " ", "  two", "\r\n\n\r \t\u000B\u0000\u001F\u0085\u2028", "e\u0301\u0323\u0345", "👩‍👩‍👧‍👦🏳️‍🌈", "日本語 العربية עברית",
            "<s></s><|end|><unk><0x0A>", everything.toString());
        for (Tokenizer tokenizer : List.of(TinyTokenizers.byteLevel(), TinyTokenizers.sentencePiece(),
                Tokenizers.ofGguf(TinyTokenizers.byteLevelGguf()), Tokenizers.ofGguf(TinyTokenizers.sentencePieceGguf()))) {
            for (String text : texts) {
                int[] ids = tokenizer.encode(text, Special.TEXT);
                assertEquals(text, tokenizer.decode(ids, false));
                // A tokenizer that puts a space before each text also does so after a special token.
                if (tokenizer.leadingSpaces() == 0 || !text.contains("<s>")) {
                    assertEquals(text, tokenizer.decode(tokenizer.encode(text, Special.PARSE), true));
                }
            }
            assertEquals("a\uFFFDb", tokenizer.decode(tokenizer.encode("a\uD800b", Special.PARSE), true));
        }
    }

    @Test
    void specialTokensAreParsedInTemplatesAndNotInWhatUsersType() {
        Tokenizer tokenizer = TinyTokenizers.byteLevel();
        assertArrayEquals(new int[] {259, 266, 267, 259}, tokenizer.encode("hello<|end|><tool>hello", Special.PARSE));
        int[] typed = tokenizer.encode("hello<|end|><tool>", Special.TEXT);
        assertEquals(267, typed[typed.length - 1]);
        for (int id : typed) {
            assertFalse(tokenizer.isSpecial(id));
        }
        assertTrue(tokenizer.isSpecial(266));
        assertFalse(tokenizer.isSpecial(267));
    }

    @Test
    void addedTokensStripAndRespectWords() {
        Json.Obj json = TinyTokenizers.byteLevelJson();
        json.put("added_tokens", JsonParser.parse("""
            [{"id": 266, "content": "<l>", "special": true, "lstrip": true, "normalized": false},
             {"id": 267, "content": "<r>", "special": true, "rstrip": true, "normalized": false},
             {"id": 268, "content": "word", "special": false, "single_word": true, "normalized": false},
             {"id": 269, "content": "<l><r>", "special": true, "normalized": false}]"""));
        Tokenizer tokenizer = Tokenizers.ofHuggingFace(json, EMPTY);
        assertArrayEquals(new int[] {'h' - '!', 266, 'h' - '!'}, ascii(tokenizer, "h \n<l>h"));
        assertArrayEquals(new int[] {'h' - '!', 267, 'h' - '!'}, ascii(tokenizer, "h<r> \nh"));
        assertArrayEquals(new int[] {269}, ascii(tokenizer, "<l><r>"));
        assertArrayEquals(new int[] {'.' - '!', 268, '.' - '!'}, ascii(tokenizer, ".word."));
        assertFalse(java.util.Arrays.stream(tokenizer.encode("sword words wordé word_", Special.PARSE)).anyMatch(id -> id == 268));
    }

    /** Ids with those of printable letters counted from '!', as GPT-2 does; our bytes have their own values. */
    private static int[] ascii(Tokenizer tokenizer, String text) {
        return java.util.Arrays.stream(tokenizer.encode(text, Special.PARSE)).map(id -> id < 256 ? id - '!' : id).toArray();
    }

    @Test
    void normalizedAddedTokensAreFoundInTheNormalizedText() {
        Json.Obj json = TinyTokenizers.sentencePieceJson();
        ((Json.Obj) TinyTokenizers.at(json, "added_tokens.1")).put("normalized", true);
        Tokenizer tokenizer = Tokenizers.ofHuggingFace(json, EMPTY);
        // Its normalised spelling begins with the space that the normaliser adds.
        assertArrayEquals(new int[] {1, tokenizer.id("h")}, tokenizer.encode("<s>h", Special.PARSE));
        assertArrayEquals(new int[] {tokenizer.id("▁"), tokenizer.id("h"), 1}, tokenizer.encode("h <s>", Special.PARSE));
        assertFalse(java.util.Arrays.stream(tokenizer.encode("h<s>", Special.PARSE)).anyMatch(id -> id == 1));
    }

    @Test
    void beginAndEndTokensComeFromConfigOrTemplate() {
        Json.Obj json = TinyTokenizers.sentencePieceJson();
        Tokenizer ofTemplate = Tokenizers.ofHuggingFace(json, EMPTY);
        assertEquals(List.of(1, -1, true), List.of(ofTemplate.bos(), ofTemplate.eos(), ofTemplate.addsBos()));
        Tokenizer ofConfig = Tokenizers.ofHuggingFace(json, JsonParser.parseObject("""
            {"add_bos_token": false, "bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>"}"""));
        assertEquals(List.of(1, 2, false), List.of(ofConfig.bos(), ofConfig.eos(), ofConfig.addsBos()));
        json.put("post_processor", Json.NULL);
        assertFalse(Tokenizers.ofHuggingFace(json, JsonParser.parseObject("{\"bos_token\": \"<s>\"}")).addsBos());
        assertTrue(Tokenizers.ofHuggingFace(json, JsonParser.parseObject("{\"bos_token\": \"<s>\", \"tokenizer_class\": \"LlamaTokenizer\"}")).addsBos());
        Tokenizer gguf = Tokenizers.ofGguf(TinyTokenizers.sentencePieceGguf());
        assertEquals(List.of(1, 2, true), List.of(gguf.bos(), gguf.eos(), gguf.addsBos()));
    }

    @Test
    void tokensThatOnlyTheConfigKnowsAreAdded() {
        Tokenizer tokenizer = Tokenizers.ofHuggingFace(TinyTokenizers.byteLevelJson(), JsonParser.parseObject("""
            {"added_tokens_decoder": {"266": {"content": "<|end|>", "special": true}, "270": {"content": "<|more|>", "special": true}}}"""));
        assertArrayEquals(new int[] {266, 270}, tokenizer.encode("<|end|><|more|>", Special.PARSE));
        assertEquals(271, tokenizer.vocabSize());
        assertEquals("", tokenizer.token(269));
        assertEquals(0, tokenizer.bytes(269).length);
        assertEquals(0, tokenizer.bytes(100_000).length);
    }

    @Test
    void qwenOfGgufNormalizes() {
        Metadata metadata = TinyTokenizers.byteLevelGguf();
        assertEquals(2, Tokenizers.ofGguf(metadata).encode("e\u0301", Special.TEXT).length - 1);
        metadata.put("tokenizer.ggml.pre", "qwen2");
        assertArrayEquals(new int[] {265}, Tokenizers.ofGguf(metadata).encode("e\u0301", Special.TEXT));
    }
}
