package dev.crema.tokenizer;

import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.ArrayList;
import java.util.List;

/** Small tokenizers of each kind, as the files that describe them. */
final class TinyTokenizers {
    static final String GPT2_REGEX = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
    private static final String[] MERGES = {"h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "a a", "aa aa", "Ã ©"};

    private TinyTokenizers() { }

    /** Byte-level BPE: 256 bytes, ten merges, an end token (266) and an added token that is shown (267). */
    static Json.Obj byteLevelJson() {
        var vocab = new Json.Obj();
        for (int b = 0; b < 256; b++) {
            vocab.put(String.valueOf(ByteAlphabet.spell(b)), b);
        }
        var merges = new Json.Arr();
        for (int i = 0; i < MERGES.length; i++) {
            vocab.put(MERGES[i].replace(" ", ""), 256 + i);
            String[] pair = MERGES[i].split(" ");
            merges.add(i % 2 == 0 ? Json.of(MERGES[i]) : new Json.Arr().add(Json.of(pair[0])).add(Json.of(pair[1])));
        }
        Json.Obj root = JsonParser.parseObject("""
            {"added_tokens": [{"id": 266, "content": "<|end|>", "special": true, "normalized": false},
                              {"id": 267, "content": "<tool>", "special": false, "normalized": false}],
             "normalizer": null,
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": ""}, "behavior": "Isolated", "invert": false},
                {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
             "post_processor": {"type": "ByteLevel"},
             "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": "", "byte_fallback": false}}""");
        ((Json.Obj) at(root, "pre_tokenizer.pretokenizers.0.pattern")).put("Regex", GPT2_REGEX);
        ((Json.Obj) root.get("model")).put("vocab", vocab).put("merges", merges);
        return root;
    }

    /** Llama 2's form: text vocabulary with {@code ▁}, bytes as fallback, begin token from the template. */
    static Json.Obj sentencePieceJson() {
        var vocab = new Json.Obj().put("<unk>", 0).put("<s>", 1).put("</s>", 2);
        for (int b = 0; b < 256; b++) {
            vocab.put(byteToken(b), 3 + b);
        }
        int id = 259;
        for (String token : new String[] {"▁", "h", "e", "l", "o", "w", "a", "é", "he", "ll", "hell", "▁hell", "▁hello", "aa", "aaaa", "▁▁"}) {
            vocab.put(token, id++);
        }
        Json.Obj root = JsonParser.parseObject("""
            {"added_tokens": [{"id": 0, "content": "<unk>", "special": true, "normalized": false},
                              {"id": 1, "content": "<s>", "special": true, "normalized": false},
                              {"id": 2, "content": "</s>", "special": true, "normalized": false}],
             "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
                {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
             "pre_tokenizer": null,
             "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {}},
             "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
             "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
                "merges": ["h e", "l l", "he ll", "▁ hell", "▁hell o", "a a", "aa aa", "▁ ▁"]}}""");
        ((Json.Obj) root.get("model")).put("vocab", vocab);
        return root;
    }

    /** The same vocabulary as {@link #sentencePieceJson} with scores, as GGUF stores it. */
    static Metadata sentencePieceGguf() {
        List<String> tokens = new ArrayList<>(((Json.Obj) at(sentencePieceJson(), "model.vocab")).members().keySet());
        int[] types = new int[tokens.size()];
        float[] scores = new float[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            types[id] = id == 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1;
            scores[id] = id < 259 ? 0 : 258 - id;
        }
        var metadata = new Metadata();
        metadata.put("tokenizer.ggml.model", "llama");
        metadata.put("tokenizer.ggml.tokens", tokens.toArray(new String[0]));
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.scores", scores);
        metadata.put("tokenizer.ggml.bos_token_id", 1L);
        metadata.put("tokenizer.ggml.eos_token_id", 2L);
        metadata.put("tokenizer.ggml.unknown_token_id", 0L);
        return metadata;
    }

    /** The same vocabulary as {@link #byteLevelJson}, as GGUF stores it. */
    static Metadata byteLevelGguf() {
        Json.Obj json = byteLevelJson();
        List<String> tokens = new ArrayList<>(((Json.Obj) at(json, "model.vocab")).members().keySet());
        tokens.addAll(List.of("<|end|>", "<tool>"));
        int[] types = new int[tokens.size()];
        java.util.Arrays.fill(types, 1);
        types[266] = 3;
        types[267] = 4;
        var metadata = new Metadata();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", "gpt-2");
        metadata.put("tokenizer.ggml.tokens", tokens.toArray(new String[0]));
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.merges", MERGES.clone());
        metadata.put("tokenizer.ggml.eos_token_id", 266L);
        return metadata;
    }

    static Tokenizer byteLevel() {
        return Tokenizers.ofHuggingFace(byteLevelJson(), null);
    }

    static Tokenizer sentencePiece() {
        return Tokenizers.ofHuggingFace(sentencePieceJson(), null);
    }

    static String byteToken(int b) {
        return "<0x" + java.util.HexFormat.of().withUpperCase().toHexDigits((byte) b) + ">";
    }

    /** The value at a path of names and indices: {@code model.merges.0}. */
    static Json at(Json root, String path) {
        Json value = root;
        for (String step : path.split("\\.")) {
            value = value instanceof Json.Arr array ? array.get(Integer.parseInt(step)) : ((Json.Obj) value).get(step);
        }
        return value;
    }
}
