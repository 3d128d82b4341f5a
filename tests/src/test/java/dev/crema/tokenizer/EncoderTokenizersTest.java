package dev.crema.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.crema.CremaException;
import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.testing.Charsmaps;
import dev.crema.tokenizer.Tokenizer.Special;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;

/** Tokenizers of encoders: word pieces and unigram, from tokenizer.json and GGUF. */
class EncoderTokenizersTest {
    /** GGUF's spelling: words begin with a mark, what goes on with one has none. */
    private static final List<String> PIECES = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "▁un", "aff", "able", "▁the", "▁cafe", "s", "▁.", "▁中");

    private static Metadata gguf(String model, List<String> tokens, float[] scores) {
        var metadata = new Metadata();
        int[] types = new int[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = tokens.get(i).startsWith("[") || tokens.get(i).startsWith("<") ? 3 : 1;
        }
        metadata.put("tokenizer.ggml.model", model);
        metadata.put("tokenizer.ggml.tokens", tokens.toArray(String[]::new));
        metadata.put("tokenizer.ggml.token_type", types);
        if (scores != null) {
            metadata.put("tokenizer.ggml.scores", scores);
        }
        return metadata;
    }

    private static Tokenizer bert() {
        Metadata metadata = gguf("bert", PIECES, null);
        metadata.put("tokenizer.ggml.unknown_token_id", 1L);
        metadata.put("tokenizer.ggml.cls_token_id", 2L);
        metadata.put("tokenizer.ggml.seperator_token_id", 3L);
        return Tokenizers.ofGguf(metadata);
    }

    @Test
    void wordsBecomeTheirLongestPieces() {
        Tokenizer tokenizer = bert();
        // The example of BERT's own tests.
        assertArrayEquals(new int[] {4, 5, 6}, tokenizer.encode("UNaffable", Special.TEXT));
        assertArrayEquals(new int[] {7, 8, 9, 10}, tokenizer.encode("the  Cafés.", Special.TEXT));
        assertArrayEquals(new int[] {7, 11, 11, 1}, tokenizer.encode("the中中xyz", Special.TEXT));
        // Controls go, also those that are white space, and characters that nobody has assigned stay.
        assertArrayEquals(new int[] {7}, tokenizer.encode("t\u000bh\u0085e\u200b\ufffd", Special.TEXT));
        assertArrayEquals(new int[] {1, 7}, tokenizer.encode("the\u0378\rthe", Special.TEXT));
        assertArrayEquals(new int[] {1}, tokenizer.encode("a".repeat(1 << 20), Special.TEXT));
        assertEquals(List.of(2, 3, true), List.of(tokenizer.bos(), tokenizer.suffix(), tokenizer.addsBos()));
        assertEquals("the cafes .", tokenizer.decode(new int[] {7, 8, 9, 10}, false));
    }

    @Test
    void tokenizerJsonIsTheSame() {
        var vocab = new Json.Obj();
        for (int id = 0; id < PIECES.size(); id++) {
            String piece = PIECES.get(id);
            vocab.put(piece.startsWith("[") ? piece : piece.startsWith("▁") ? piece.substring(1) : "##" + piece, (long) id);
        }
        Json.Obj json = JsonParser.parseObject("{\"normalizer\":{\"type\":\"BertNormalizer\"},\"pre_tokenizer\":{\"type\":\"BertPreTokenizer\"},\"decoder\":"
            + "{\"type\":\"WordPiece\"},\"post_processor\":{\"type\":\"BertProcessing\",\"sep\":[\"[SEP]\",3],\"cls\":[\"[CLS]\",2]}}");
        json.put("model", new Json.Obj().put("type", "WordPiece").put("unk_token", "[UNK]").put("continuing_subword_prefix", "##").put("vocab", vocab));
        Tokenizer tokenizer = Tokenizers.ofHuggingFace(json, new Json.Obj());
        for (String text : List.of("UNaffable", "the  Cafés.", "the中中xyz", "")) {
            assertArrayEquals(bert().encode(text, Special.TEXT), tokenizer.encode(text, Special.TEXT), text);
        }
        assertEquals(List.of(2, 3, true), List.of(tokenizer.bos(), tokenizer.suffix(), tokenizer.addsBos()));
        assertEquals("the cafes .", tokenizer.decode(new int[] {7, 8, 9, 10}, false));
    }

    /** Words of text: white space parts them and is dropped, each character without token is unknown, and the text is lowered where the file says so. */
    @Test
    void spacedWordsAreOfTextNotOfBytes() {
        List<String> tokens = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>", "a", "b", "A", "é", "你", "好", "ab", "你好");
        Metadata metadata = gguf("gpt2", tokens, null);
        metadata.put("tokenizer.ggml.pre", "whitespace");
        metadata.put("tokenizer.ggml.merges", new String[] {"a b", "你 好"});
        metadata.put("tokenizer.ggml.unknown_token_id", 3L);
        Tokenizer cased = Tokenizers.ofGguf(metadata);
        metadata.put("tokenizer.ggml.normalizer.lowercase", true);
        Tokenizer lowered = Tokenizers.ofGguf(metadata);
        assertArrayEquals(new int[] {11, 7, 6, 3, 12}, cased.encode(" ab\t\n Ab É\u3000你好\u00a0", Special.TEXT));
        assertArrayEquals(new int[] {11, 11, 8, 12}, lowered.encode(" ab\t\n Ab É\u3000你好\u00a0", Special.TEXT));
        assertArrayEquals(new int[] {9, 10, 3, 3, 5}, lowered.encode("你 好🦙xa", Special.TEXT));
        assertArrayEquals(new int[0], lowered.encode(" \n", Special.TEXT));
        assertEquals("ab你好é", lowered.decode(new int[] {11, 12, 8}, false));
        assertEquals(List.of(false, -1), List.of(cased.addsBos(), cased.suffix()));
        Json.Obj json = JsonParser.parseObject("{\"normalizer\":{\"type\":\"Lowercase\"},\"pre_tokenizer\":{\"type\":\"WhitespaceSplit\"}}");
        var vocab = new Json.Obj();
        tokens.forEach(token -> vocab.put(token, (long) vocab.members().size()));
        json.put("model", new Json.Obj().put("type", "BPE").put("unk_token", "<unk>").put("vocab", vocab)
            .put("merges", new Json.Arr().add(Json.of("a b")).add(Json.of("你 好"))));
        Tokenizer huggingFace = Tokenizers.ofHuggingFace(json, new Json.Obj());
        for (String text : List.of(" ab\t\n Ab É\u3000你好\u00a0", "你 好🦙xa", "AbAB 你好ab\u0085b", "")) {
            assertArrayEquals(huggingFace.encode(text, Special.TEXT), lowered.encode(text, Special.TEXT), text);
        }
    }

    @Test
    void unigramTakesTheLikeliestWay() {
        Metadata metadata = gguf("t5", List.of("<pad>", "</s>", "<unk>", "▁a", "▁", "a", "b", "ab", "bc", "c", "▁ab"),
            new float[] {0, 0, 0, -2, -3, -2, -3, -4, -3.5f, -2.5f, -7});
        metadata.put("tokenizer.ggml.unknown_token_id", 2L);
        metadata.put("tokenizer.ggml.eos_token_id", 1L);
        metadata.put("tokenizer.ggml.add_eos_token", true);
        metadata.put("tokenizer.ggml.remove_extra_whitespaces", true);
        metadata.put("tokenizer.ggml.precompiled_charsmap", Charsmaps.of(Map.of("\uFB01", "ab", "A", "a")));
        Tokenizer tokenizer = Tokenizers.ofGguf(metadata);
        // ▁a + bc is -5.5, ▁ab + c -9.5, ▁ + ab + c -9.5.
        assertArrayEquals(new int[] {3, 8}, tokenizer.encode("abc", Special.TEXT));
        assertArrayEquals(new int[] {3, 8}, tokenizer.encode("  Abc ", Special.TEXT));
        assertArrayEquals(new int[] {3, 6, 3, 2, 9}, tokenizer.encode("\uFB01 a🦙🦙c", Special.TEXT));
        assertEquals(1, tokenizer.suffix());
        int[] long_ = tokenizer.encode("a".repeat(1 << 20), Special.TEXT);
        assertEquals(1 << 20, long_.length);
    }

    @Test
    void damagedCharsmapsAreRefused() {
        byte[] whole = Charsmaps.of(Map.of("A", "a"));
        for (byte[] damaged : new byte[][] {{}, {1, 2, 3}, {8, 0, 0, 0, 1}, {-1, -1, -1, 127, 0, 0, 0, 0}}) {
            assertThrows(CremaException.class, () -> new Charsmap(damaged));
        }
        // Whatever the trie says, nothing outside of it is read.
        for (int i = 4; i < whole.length; i++) {
            byte[] bent = whole.clone();
            bent[i] ^= 0x55;
            new Charsmap(bent).normalize("AAA ABC \uFB01");
        }
    }
}
