package dev.crema.tokenizer;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads tokenizer.json (Hugging Face's tokenizers library) and the few keys of tokenizer_config.json that count here. */
final class HuggingFaceTokenizer {
    /** Ids may leave holes, but not so many that a hostile id costs memory. */
    private static final int MORE_IDS = 4096;

    private final Fields root;
    private final Fields model;
    private final Fields config;
    private final HuggingFaceParts parts;
    private final List<AddedToken> added = new ArrayList<>();
    private final String type;
    private Vocabulary vocabulary;
    private float[] scores;

    HuggingFaceTokenizer(Json.Obj tokenizerJson, Json.Obj tokenizerConfig) {
        root = Fields.of("tokenizer.json", tokenizerJson);
        model = root.fields("model");
        config = Fields.of("tokenizer_config.json", tokenizerConfig);
        // Older files leave the type out; Unigram's vocabulary is a list.
        type = model.string("type", model.get("vocab") instanceof Json.Arr ? "Unigram" : "BPE");
        if (!type.equals("BPE") && !type.equals("WordPiece") && !type.equals("Unigram")) {
            throw Fields.unsupported(model.path("type"), "is " + type + "; BPE, WordPiece and Unigram are known (dev.crema.tokenizer)");
        }
        if (type.equals("BPE")) {
            refuse(model, "continuing_subword_prefix");
        }
        refuse(model, "end_of_word_suffix");
        if (model.get("dropout") instanceof Json.Num dropout && dropout.doubleValue() != 0) {
            throw Fields.unsupported(model.path("dropout"), "is " + dropout);
        }
        parts = new HuggingFaceParts(root);
    }

    private static void refuse(Fields model, String affix) {
        if (!model.string(affix, "").isEmpty()) {
            throw Fields.unsupported(model.path(affix), "is " + model.string(affix));
        }
    }

    Tokenizer read() {
        readVocabulary();
        String start = parts.templateStart();
        int bos = config.has("bos_token") ? configToken("bos_token") : start == null ? -1 : vocabulary.id(start);
        boolean templateBos = start != null && bos >= 0 && start.equals(vocabulary.token(bos));
        // Llama's tokenizer class adds the token unless told otherwise; any other class leaves it to the post-processor.
        boolean classBos = !root.has("post_processor") && config.string("tokenizer_class", "").startsWith("LlamaTokenizer");
        boolean addsBos = bos >= 0 && config.bool("add_bos_token", templateBos || classBos);
        String end = parts.templateEnd();
        int suffix = end == null ? -1 : vocabulary.id(end);
        TokenModel tokens = switch (type) {
            case "WordPiece" -> new WordPiece(vocabulary, "", model.string("continuing_subword_prefix", "##"), unknown(model.string("unk_token")),
                model.has("max_input_chars_per_word") ? model.index("max_input_chars_per_word", Integer.MAX_VALUE) : 100);
            case "Unigram" -> unigram();
            default -> bpe();
        };
        return new TextTokenizer(new TextTokenizer.Parts(vocabulary, added, parts.normalizer(), parts.preTokenizer(), tokens, parts.text(),
            bos, configToken("eos_token"), addsBos, suffix));
    }

    private int unknown(String token) {
        int unknown = vocabulary.id(token);
        if (unknown < 0) {
            throw Fields.invalid(model.path("unk_token") + " is \"" + token + "\", which is not in the vocabulary.");
        }
        return unknown;
    }

    private TokenModel unigram() {
        int unknown = model.has("unk_id") ? model.index("unk_id", vocabulary.size()) : -1;
        boolean bytes = model.bool("byte_fallback", false);
        if (unknown < 0 && !bytes) {
            throw Fields.invalid(model.path("unk_id") + " is missing.");
        }
        return new Unigram(vocabulary, scores, unknown, bytes);
    }

    /** Unigram's list of tokens and scores as a vocabulary from token to id. */
    private Json.Obj listed() {
        Json.Arr list = model.array("vocab");
        var vocab = new Json.Obj();
        scores = new float[list.size()];
        for (int id = 0; id < scores.length; id++) {
            boolean pair = list.get(id) instanceof Json.Arr entry && entry.size() == 2 && entry.get(0) instanceof Json.Str
                && entry.get(1) instanceof Json.Num;
            if (!pair) {
                throw Fields.wrongType(model.path("vocab[" + id + "]"), "a token and its score", list.get(id));
            }
            var entry = (Json.Arr) list.get(id);
            scores[id] = (float) ((Json.Num) entry.get(1)).doubleValue();
            vocab.put(((Json.Str) entry.get(0)).value(), (long) id);
        }
        return vocab;
    }

    /** A token that is a string or an object with its content; -1 where it is null or not in the vocabulary. */
    private int configToken(String name) {
        if (!config.has(name)) {
            return -1;
        }
        Json value = config.get(name);
        return vocabulary.id(value instanceof Json.Obj ? config.fields(name).string("content") : Fields.string(config.path(name), value));
    }

    private void readVocabulary() {
        Fields vocab = type.equals("Unigram") ? Fields.of(model.path("vocab"), listed()) : model.fields("vocab");
        Json.Arr addedTokens = root.has("added_tokens") ? root.array("added_tokens") : new Json.Arr();
        Fields decoder = config.has("added_tokens_decoder") ? config.fields("added_tokens_decoder") : Fields.of("", new Json.Obj());
        int limit = 2 * (vocab.object().members().size() + addedTokens.size() + decoder.object().members().size()) + MORE_IDS;
        String[] tokens = new String[limit];
        byte[] kinds = new byte[limit];
        for (Map.Entry<String, Json> entry : vocab.object().members().entrySet()) {
            int id = vocab.index(entry.getKey(), entry.getValue(), limit);
            if (tokens[id] != null) {
                throw Fields.invalid(vocab.path(entry.getKey()) + " has the id " + id + ", which \"" + tokens[id] + "\" has too.");
            }
            tokens[id] = entry.getKey();
            kinds[id] = parts.byteFallback() && TokenText.byteValue(entry.getKey()) >= 0 ? Vocabulary.BYTE : Vocabulary.NORMAL;
        }
        for (int i = 0; i < addedTokens.size(); i++) {
            Fields token = Fields.of(root.path("added_tokens[" + i + "]"), addedTokens.get(i));
            add(token, token.index("id", limit), tokens, kinds);
        }
        for (String key : decoder.object().members().keySet()) {
            addOfConfig(decoder.fields(key), key, tokens, kinds);
        }
        int size = limit;
        while (size > 0 && tokens[size - 1] == null) {
            size--;
        }
        vocabulary = new Vocabulary(Arrays.copyOf(tokens, size), Arrays.copyOf(kinds, size));
        checkUnique();
    }

    private void add(Fields token, int id, String[] tokens, byte[] kinds) {
        String content = token.string("content");
        if (content.isEmpty()) {
            throw Fields.invalid(token.path("content") + " is empty.");
        }
        if (tokens[id] != null && !tokens[id].equals(content)) {
            throw Fields.invalid(token.path("id") + " is " + id + ", the id of \"" + tokens[id] + "\" and not of \"" + content + "\".");
        }
        tokens[id] = content;
        boolean special = token.bool("special", false);
        kinds[id] = special ? Vocabulary.CONTROL : Vocabulary.USER_DEFINED;
        added.add(new AddedToken(id, content, special, token.bool("single_word", false), token.bool("lstrip", false),
            token.bool("rstrip", false), token.bool("normalized", !special)));
    }

    /** Tokens that only tokenizer_config.json knows; for the others tokenizer.json has the last word. */
    private void addOfConfig(Fields token, String key, String[] tokens, byte[] kinds) {
        if (!isNumber(key)) {
            throw Fields.invalid(token.path() + " should be named by a token id.");
        }
        int id = config.fields("added_tokens_decoder").index(key, new Json.Num(key), tokens.length);
        if (kinds[id] == Vocabulary.NONE || kinds[id] == Vocabulary.NORMAL && token.string("content").equals(tokens[id])) {
            add(token, id, tokens, kinds);
        }
    }

    static boolean isNumber(String key) {
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) < '0' || key.charAt(i) > '9') {
                return false;
            }
        }
        return !key.isEmpty();
    }

    /** Two ids with one spelling would make the way from text to ids ambiguous. */
    private void checkUnique() {
        for (int id = 0; id < vocabulary.size(); id++) {
            String token = vocabulary.token(id);
            if (token != null && vocabulary.id(token) != id) {
                throw Fields.invalid("tokenizer.json: the token \"" + token + "\" has the ids " + id + " and " + vocabulary.id(token) + ".");
            }
        }
    }

    private TokenModel bpe() {
        Json.Arr merges = model.array("merges");
        var ranks = new LongIntMap(merges.size());
        int[] merged = new int[merges.size()];
        var table = new Merges(vocabulary, model.path("merges"), ranks, merged);
        for (int i = 0; i < merged.length; i++) {
            readMerge(merges.get(i), i, table);
        }
        int unknown = -1;
        if (model.has("unk_token")) {
            unknown = unknown(model.string("unk_token"));
        }
        return new Bpe(vocabulary, ranks, merged, new Bpe.Options(parts.byteLevel(), model.bool("ignore_merges", false),
            model.bool("byte_fallback", false), unknown, model.bool("fuse_unk", false)));
    }

    /** {@code "a b"}, or {@code ["a", "b"]} since tokens with spaces are possible. */
    private static void readMerge(Json merge, int i, Merges table) {
        if (merge instanceof Json.Arr pair && pair.size() == 2) {
            if (pair.get(0) instanceof Json.Str left && pair.get(1) instanceof Json.Str right) {
                table.add(i, left.value(), right.value());
                return;
            }
        } else if (merge instanceof Json.Str line) {
            table.add(i, line.value());
            return;
        }
        throw Fields.wrongType(table.place(i), "two tokens", merge);
    }
}
