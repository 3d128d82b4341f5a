package dev.crema.tokenizer;

import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A tokenizer out of {@code tokenizer.model} and the few keys of tokenizer_config.json that count beside it. */
final class SentencePieceTokenizer {
    /** Added tokens follow the pieces; a hostile id must not cost memory. */
    private static final int MORE_IDS = 4096;

    private final SentencePieceFile file;
    private final Fields config;
    private final List<AddedToken> added = new ArrayList<>();
    private Vocabulary vocabulary;

    SentencePieceTokenizer(String name, byte[] bytes, Json.Obj tokenizerConfig) {
        file = new SentencePieceFile(name, bytes);
        config = Fields.of("tokenizer_config.json", tokenizerConfig);
    }

    Tokenizer read() {
        added.clear();
        readVocabulary();
        var symbols = new AddedTokens(userDefined());
        var charsmap = file.charsmap.length == 0 ? null : new Charsmap(file.charsmap);
        var normalizer = new SentencePieceNormalizer(charsmap, symbols, file.addsPrefix, file.removesSpaces, file.escapesSpaces ? '▁' : ' ');
        TokenModel model = file.modelType == SentencePieceFile.BPE ? new SentencePiece(vocabulary, file.scores, file.unknown, symbols)
            : new Unigram(vocabulary, file.unigramScores(), file.unknown, file.hasBytes(), false);
        int bos = token("bos_token", file.bosPiece);
        int eos = token("eos_token", file.eosPiece);
        boolean addsBos = bos >= 0 && config.bool("add_bos_token", true);
        boolean addsEos = eos >= 0 && config.bool("add_eos_token", false);
        var text = new TokenText(false, List.of(new Normalizer.Replace("▁", " ")), file.addsPrefix ? 1 : 0);
        return new TextTokenizer(new TextTokenizer.Parts(vocabulary, added, normalizer, PreTokenizer.NONE, model, text, bos, eos, addsBos, addsEos ? eos : -1));
    }

    /** The same as GGUF's keys, with at least {@code rows} tokens; the rest are unused. What GGUF has no key for is left out. */
    Metadata ggufKeys(int rows) {
        Tokenizer tokenizer = read();
        int size = Math.max(rows, vocabulary.size());
        String[] tokens = new String[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            boolean known = vocabulary.token(id) != null;
            tokens[id] = known ? vocabulary.token(id) : "[PAD" + id + "]";
            types[id] = known ? vocabulary.kind(id) : Vocabulary.UNUSED;
        }
        var keys = new Metadata();
        keys.put("tokenizer.ggml.model", file.modelType == SentencePieceFile.BPE ? "llama" : "t5");
        keys.put("tokenizer.ggml.pre", "default");
        keys.put("tokenizer.ggml.tokens", tokens);
        keys.put("tokenizer.ggml.token_type", types);
        keys.put("tokenizer.ggml.scores", Arrays.copyOf(file.scores, size));
        keys.put("tokenizer.ggml.unknown_token_id", (long) file.unknown);
        keys.put("tokenizer.ggml.add_space_prefix", file.addsPrefix);
        keys.put("tokenizer.ggml.remove_extra_whitespaces", file.removesSpaces);
        if (file.charsmap.length > 0) {
            keys.put("tokenizer.ggml.precompiled_charsmap", file.charsmap, 0);
        }
        if (tokenizer.bos() >= 0) {
            keys.put("tokenizer.ggml.bos_token_id", (long) tokenizer.bos());
        }
        if (tokenizer.eos() >= 0) {
            keys.put("tokenizer.ggml.eos_token_id", (long) tokenizer.eos());
        }
        keys.put("tokenizer.ggml.add_bos_token", tokenizer.addsBos());
        keys.put("tokenizer.ggml.add_eos_token", tokenizer.suffix() >= 0);
        return keys;
    }

    private List<AddedToken> userDefined() {
        List<AddedToken> symbols = new ArrayList<>();
        for (int id = 0; id < file.pieces.length; id++) {
            if (file.kinds[id] == Vocabulary.USER_DEFINED) {
                symbols.add(AddedToken.plain(id, file.pieces[id], false));
            }
        }
        return symbols;
    }

    /** A name that tokenizer_config.json gives (null there: none), else the piece that the file names; -1 where there is no such token. */
    private int token(String key, String piece) {
        if (config.object().members().containsKey(key)) {
            Json value = config.get(key);
            return value instanceof Json.Str name ? vocabulary.id(name.value())
                : value instanceof Json.Obj ? vocabulary.id(config.fields(key).string("content")) : -1;
        }
        return vocabulary.id(piece);
    }

    /** Control pieces are tokens of templates; user-defined ones belong to the text, and are the model's own affair. */
    private void readVocabulary() {
        for (int id = 0; id < file.pieces.length; id++) {
            if (file.kinds[id] == Vocabulary.CONTROL || file.kinds[id] == Vocabulary.UNKNOWN) {
                added.add(AddedToken.plain(id, file.pieces[id], true));
            }
        }
        Fields decoder = config.has("added_tokens_decoder") ? config.fields("added_tokens_decoder") : Fields.of("", new Json.Obj());
        int limit = file.pieces.length + decoder.object().members().size() + MORE_IDS;
        String[] tokens = Arrays.copyOf(file.pieces, limit);
        byte[] kinds = Arrays.copyOf(file.kinds, limit);
        int size = file.pieces.length;
        for (String key : decoder.object().members().keySet()) {
            Fields token = decoder.fields(key);
            if (!HuggingFaceTokenizer.isNumber(key)) {
                throw Fields.invalid(token.path() + " should be named by a token id.");
            }
            int id = decoder.index(key, new Json.Num(key), limit);
            String content = token.string("content");
            if (content.isEmpty() || tokens[id] != null && !content.equals(tokens[id])) {
                throw Fields.invalid(token.path("content") + " is \"" + content + "\" where " + file.file + " has \"" + tokens[id] + "\".");
            }
            boolean special = token.bool("special", false);
            if (tokens[id] == null || kinds[id] == Vocabulary.NORMAL) {
                tokens[id] = content;
                kinds[id] = special ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED;
                size = Math.max(size, id + 1);
                added.add(new AddedToken(id, content, special, token.bool("single_word", false), token.bool("lstrip", false),
                    token.bool("rstrip", false), false));
            }
        }
        vocabulary = new Vocabulary(Arrays.copyOf(tokens, size), Arrays.copyOf(kinds, size));
    }
}
