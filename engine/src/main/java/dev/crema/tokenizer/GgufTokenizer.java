package dev.crema.tokenizer;

import dev.crema.checkpoint.Metadata;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads the {@code tokenizer.ggml} keys of a GGUF file (ggml's docs/gguf.md; what that leaves open is as in llama-vocab.cpp). */
final class GgufTokenizer {
    private static final String PREFIX = "tokenizer.ggml.";
    /** Pre-tokenizers of tokenizers that take a piece whole where it is a token. */
    private static final Set<String> WHOLE_PIECES = Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "tekken",
        "youtu", "granite-embed-multi-97m", "minicpm5");
    /** Those of tokenizers that begin with a begin token where the file does not say. */
    private static final Set<String> BEGINNING =
        Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano", "tekken", "chameleon");
    /** Those of tokenizers whose tokens are text and not bytes. */
    private static final Set<String> PLAIN = Set.of("gemma4", "granite-embed-multi-311m", "sarvam-moe");
    /** Qwen's own tokenizers normalise; GGUF has no key for that. */
    private static final Set<String> NORMALIZING = Set.of("qwen2", "qwen35");

    private final Metadata metadata;
    private final String[] tokens;
    private final byte[] kinds;
    private Vocabulary vocabulary;

    GgufTokenizer(Metadata metadata) {
        this.metadata = metadata;
        tokens = metadata.strings(PREFIX + "tokens");
        if (tokens == null || tokens.length == 0) {
            throw Fields.invalid("GGUF key " + PREFIX + "tokens is " + (tokens == null ? "missing." : "empty."));
        }
        kinds = kinds();
        vocabulary = new Vocabulary(tokens.clone(), kinds);
    }

    Tokenizer read() {
        String model = metadata.string(PREFIX + "model", null);
        if (model == null) {
            throw Fields.invalid("GGUF key " + PREFIX + "model is missing.");
        }
        return switch (model) {
            case "gpt2" -> byteLevel();
            case "llama" -> sentencePiece();
            case "bert" -> wordPiece();
            case "t5" -> unigram();
            case "rwkv" -> rwkv();
            case "gemma4" -> plainBpe();
            default -> throw Fields.unsupported("GGUF key " + PREFIX + "model", "is " + model);
        };
    }

    private byte[] kinds() {
        byte[] result = new byte[tokens.length];
        int[] types = metadata.integers(PREFIX + "token_type");
        if (types != null && types.length != tokens.length) {
            throw Fields.invalid("GGUF key " + PREFIX + "token_type has " + types.length + " entries for " + tokens.length + " tokens.");
        }
        for (int id = 0; id < tokens.length; id++) {
            // Type 0 is "undefined"; old files have no types at all.
            int type = types == null || types[id] == 0 ? Vocabulary.NORMAL : types[id];
            if (type < 0 || type > Vocabulary.BYTE) {
                throw Fields.invalid("GGUF key " + PREFIX + "token_type[" + id + "] is " + type + ", expected 0 to 6.");
            }
            boolean isByte = TokenText.byteValue(tokens[id]) >= 0;
            if (type == Vocabulary.BYTE && !isByte) {
                throw Fields.invalid("GGUF key " + PREFIX + "tokens[" + id + "] is \"" + tokens[id] + "\", but of the type byte.");
            }
            result[id] = types == null && isByte ? Vocabulary.BYTE : (byte) type;
        }
        if (types == null) {
            for (String key : new String[] {"bos_token_id", "eos_token_id", "eot_token_id", "unknown_token_id", "padding_token_id"}) {
                int id = id(key);
                if (id >= 0) {
                    result[id] = Vocabulary.CONTROL;
                }
            }
        }
        return result;
    }

    /** A token id, or -1 where there is none (files also say 2^32 - 1 for that). */
    private int id(String key) {
        long id = metadata.integer(PREFIX + key, -1);
        if (id == -1 || id == 0xFFFFFFFFL) {
            return -1;
        }
        if (id < 0 || id >= tokens.length) {
            throw Fields.invalid("GGUF key " + PREFIX + key + " is " + id + ", but there are " + tokens.length + " tokens.");
        }
        return (int) id;
    }

    private List<AddedToken> addedTokens() {
        List<AddedToken> added = new ArrayList<>();
        for (int id = 0; id < tokens.length; id++) {
            boolean special = kinds[id] == Vocabulary.CONTROL || kinds[id] == Vocabulary.UNKNOWN;
            if ((special || kinds[id] == Vocabulary.USER_DEFINED) && !tokens[id].isEmpty()) {
                added.add(AddedToken.plain(id, tokens[id], special));
            }
        }
        return added;
    }

    private Tokenizer byteLevel() {
        String pre = metadata.string(PREFIX + "pre", "default");
        if (PLAIN.contains(pre)) {
            return plainBpe();
        }
        if (pre.equals("whitespace")) {
            return spacedWords();
        }
        PreTokenizer preTokenizer = GgufPreTokenizers.of(pre);
        if (preTokenizer == null) {
            throw Fields.unsupported("GGUF key " + PREFIX + "pre", "is " + pre);
        }
        Normalizer normalizer = NORMALIZING.contains(pre) ? new Nfc() : Normalizer.NONE;
        var options = new Bpe.Options(true, WHOLE_PIECES.contains(pre), false, -1, false);
        var text = new TokenText(true, List.of(), 0);
        return tokenizer(normalizer, prefixed(preTokenizer), bpe(options), text, BEGINNING.contains(pre));
    }

    /** Byte-pair encoding of text in which spaces are marks, a line at a time; runs of line ends are one token where there is such a token. */
    private Tokenizer plainBpe() {
        TokenModel bpe = bpe(new Bpe.Options(false, false, true, id("unknown_token_id"), true));
        boolean joinsLines = !metadata.string(PREFIX + "pre", "").equals("sarvam-moe");
        TokenModel model = (text, from, to, merger, out) -> {
            int lines = joinsLines && text.charAt(from) == '\n' ? vocabulary.textId(text, from, to) : -1;
            if (lines >= 0) {
                out.add(lines);
            } else {
                bpe.encode(text, from, to, merger, out);
            }
        };
        var text = new TokenText(false, List.of(new Normalizer.Replace("▁", " ")), 0);
        return tokenizer(new Normalizer.Replace(" ", "▁"), Split.isolated(GgufPreTokenizers::line), model, text, false);
    }

    /** Byte-pair encoding of the text of words; the white space between them is dropped, so decoding gives words without it. */
    private Tokenizer spacedWords() {
        TokenModel model = bpe(new Bpe.Options(false, false, false, id("unknown_token_id"), false));
        Normalizer normalizer = metadata.bool(PREFIX + "normalizer.lowercase", false) ? BertNormalizer::lower : Normalizer.NONE;
        return tokenizer(normalizer, PreTokenizers.words(), model, new TokenText(false, List.of(), 0), false);
    }

    private PreTokenizer prefixed(PreTokenizer preTokenizer) {
        return metadata.bool(PREFIX + "add_space_prefix", false)
            ? new PreTokenizer.Chain(List.of(new PreTokenizer.PrefixSpace(), preTokenizer)) : preTokenizer;
    }

    private TokenModel bpe(Bpe.Options options) {
        String[] merges = metadata.strings(PREFIX + "merges");
        if (merges == null) {
            throw Fields.invalid("GGUF key " + PREFIX + "merges is missing.");
        }
        var ranks = new LongIntMap(merges.length);
        int[] merged = new int[merges.length];
        var table = new Merges(vocabulary, "GGUF key " + PREFIX + "merges", ranks, merged);
        for (int i = 0; i < merges.length; i++) {
            table.add(i, merges[i]);
        }
        return new Bpe(vocabulary, ranks, merged, options);
    }

    private Tokenizer sentencePiece() {
        boolean prefix = metadata.bool(PREFIX + "add_space_prefix", true);
        var spaces = new Normalizer.Replace(" ", "▁");
        Normalizer normalizer = prefix ? new Normalizer.Chain(List.of(new Normalizer.Prepend("▁"), spaces)) : spaces;
        var text = new TokenText(false, List.of(new Normalizer.Replace("▁", " ")), prefix ? 1 : 0);
        return tokenizer(normalizer, PreTokenizer.NONE, new SentencePiece(vocabulary, scores(), unknown()), text, true);
    }

    /** Tokens that begin a word have the mark of a space before them, those that go on with one have nothing. */
    private Tokenizer wordPiece() {
        boolean lowers = metadata.bool(PREFIX + "normalizer.lowercase", true);
        var normalizer = new BertNormalizer(true, true, metadata.bool(PREFIX + "normalizer.strip_accents", lowers), lowers);
        var cuts = new PreTokenizer.Chain(List.of(PreTokenizers.words(), Split.isolated(PreTokenizers::punctuation)));
        int unknown = id("unknown_token_id") >= 0 ? id("unknown_token_id") : vocabulary.id("[UNK]");
        if (unknown < 0) {
            throw Fields.invalid("GGUF key " + PREFIX + "unknown_token_id is missing.");
        }
        var text = new TokenText(false, List.of(new Normalizer.Replace("▁", " ")), 1);
        return tokenizer(normalizer, cuts, new WordPiece(vocabulary, "▁", "", unknown, Integer.MAX_VALUE), text, true);
    }

    private Tokenizer unigram() {
        boolean prefix = metadata.bool(PREFIX + "add_space_prefix", true);
        List<Normalizer> steps = new ArrayList<>();
        if (metadata.values().get(PREFIX + "precompiled_charsmap") instanceof byte[] blob && blob.length > 0) {
            steps.add(new Charsmap(blob));
        }
        if (metadata.bool(PREFIX + "remove_extra_whitespaces", false)) {
            steps.add(GgufTokenizer::withoutExtraSpaces);
        }
        if (prefix) {
            steps.add(new Normalizer.Prepend("▁"));
        }
        steps.add(new Normalizer.Replace(" ", "▁"));
        var text = new TokenText(false, List.of(new Normalizer.Replace("▁", " ")), prefix ? 1 : 0);
        boolean bytes = Bpe.byteTokenId(vocabulary, 0) >= 0;
        return tokenizer(new Normalizer.Chain(steps), PreTokenizer.NONE, new Unigram(vocabulary, scores(), bytes ? id("unknown_token_id") : unknown(), bytes), text,
            true);
    }

    /** Tokens are bytes, written as Python writes them between quotes. */
    private Tokenizer rwkv() {
        byte[][] bytes = new byte[tokens.length][];
        for (int id = 0; id < tokens.length; id++) {
            if (kinds[id] == Vocabulary.NORMAL || kinds[id] == Vocabulary.USER_DEFINED) {
                bytes[id] = RwkvFile.unescape(tokens[id], true);
                if (bytes[id] == null) {
                    throw Fields.invalid("GGUF key " + PREFIX + "tokens[" + id + "] is \"" + tokens[id] + "\", which ends within an escape.");
                }
                tokens[id] = ByteAlphabet.spell(bytes[id]);
                kinds[id] = Vocabulary.NORMAL;
            }
        }
        vocabulary = new Vocabulary(tokens, kinds);
        return tokenizer(Normalizer.NONE, PreTokenizer.NONE, new RwkvTrie(bytes, id("unknown_token_id")), new TokenText(true, List.of(), 0), false);
    }

    /** No space at either end, and only one in a row. */
    private static String withoutExtraSpaces(String text) {
        var out = new StringBuilder(text.length());
        boolean space = true;
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) != ' ' || !space) {
                out.append(text.charAt(i));
            }
            space = text.charAt(i) == ' ';
        }
        return space && !out.isEmpty() ? out.substring(0, out.length() - 1) : out.toString();
    }

    private float[] scores() {
        float[] scores = metadata.floats(PREFIX + "scores");
        if (scores == null || scores.length != tokens.length) {
            throw Fields.invalid("GGUF key " + PREFIX + "scores "
                + (scores == null ? "is missing." : "has " + scores.length + " entries for " + tokens.length + " tokens."));
        }
        for (int id = 0; id < scores.length; id++) {
            if (Float.isNaN(scores[id])) {
                throw Fields.invalid("GGUF key " + PREFIX + "scores[" + id + "] is not a number.");
            }
        }
        return scores;
    }

    private int unknown() {
        int unknown = id("unknown_token_id");
        for (int b = 0; b < 256 && unknown < 0; b++) {
            if (Bpe.byteTokenId(vocabulary, b) < 0) {
                throw Fields.invalid("GGUF key " + PREFIX + "tokens has neither a token of byte " + b + " nor an unknown token.");
            }
        }
        return unknown;
    }

    /** Encoders end a text with their separator, others with the end token where the file says so. */
    private int suffix() {
        boolean encoder = metadata.string(PREFIX + "model", "").equals("bert");
        int separator = id("seperator_token_id") >= 0 ? id("seperator_token_id") : id("separator_token_id");
        int end = encoder && separator >= 0 ? separator : id("eos_token_id");
        return encoder || metadata.bool(PREFIX + "add_eos_token", false) ? end : -1;
    }

    /** {@code addsBos} is what holds where the file does not say. */
    private Tokenizer tokenizer(Normalizer normalizer, PreTokenizer preTokenizer, TokenModel model, TokenText text, boolean addsBos) {
        int bos = id(id("bos_token_id") < 0 ? "cls_token_id" : "bos_token_id");
        return new TextTokenizer(new TextTokenizer.Parts(vocabulary, addedTokens(), normalizer, preTokenizer, model, text, bos,
            id("eos_token_id"), bos >= 0 && metadata.bool(PREFIX + "add_bos_token", addsBos), suffix()));
    }
}
