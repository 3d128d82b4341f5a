package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Metadata;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * tokenizer.json as GGUF's {@code tokenizer.ggml} keys. GGUF names a pre-tokenizer where tokenizer.json spells it out, so the name is found by
 * trying: the first whose tokenizer encodes the sample texts as the original does. Where none does, the conversion is refused.
 */
final class GgufTokens {
    /** Names of llama.cpp's, one for each way to cut texts; those that take whole pieces first where the model does. */
    private static final List<String> WHOLE_PIECES = List.of("llama-bpe", "tekken");
    private static final List<String> PRE = List.of("gpt-2", "qwen2", "stablelm2", "smaug-bpe", "gpt-4o", "smollm", "falcon", "deepseek-v3", "deepseek-coder",
        "deepseek-llm", "bloom", "viking", "default");
    private static final String PREFIX = "tokenizer.ggml.";
    /** llama.h's token types. */
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private final Checkpoint checkpoint;
    private final Tokenizer original;
    private final Json.Obj model;
    private final Metadata metadata = new Metadata();

    GgufTokens(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
        if (checkpoint.tokenizerJson() == null || !(checkpoint.tokenizerJson().get("model") instanceof Json.Obj found)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, checkpoint.name() + " has no tokenizer.json with a model.",
                "A GGUF file holds the tokenizer; fetch tokenizer.json too.");
        }
        model = found;
        original = Tokenizers.ofHuggingFace(checkpoint.tokenizerJson(), checkpoint.tokenizerConfig());
    }

    /** {@code vocabulary} is how many rows the embedding has; ids without token are written as unused. */
    void writeTo(GgufWriter gguf, int vocabulary) {
        boolean byteFallback = model.get("byte_fallback") instanceof Json.Bool fallback && fallback.value();
        int size = Math.max(vocabulary, original.vocabSize());
        String[] tokens = new String[size];
        int[] types = new int[size];
        for (int id = 0; id < size; id++) {
            tokens[id] = id < original.vocabSize() ? original.token(id) : "";
            types[id] = original.isSpecial(id) ? CONTROL : byteFallback && isByte(tokens[id]) ? BYTE : NORMAL;
            if (tokens[id].isEmpty()) {
                tokens[id] = "[PAD" + id + "]";
                types[id] = UNUSED;
            }
        }
        markAdded(types);
        put("tokens", tokens);
        put("token_type", types);
        ids();
        switch (kind()) {
            case "WordPiece" -> wordPiece(tokens, types);
            case "Unigram" -> unigram(tokens);
            default -> {
                if (byteFallback) {
                    sentencePiece(tokens, types);
                } else {
                    byteLevel();
                }
            }
        }
        // Ids are u32 in GGUF files.
        metadata.values().forEach((key, value) -> {
            if (metadata.type(key) >= 0) {
                gguf.put(key, metadata);
            } else {
                gguf.put(key, value instanceof Long id ? (Object) id.intValue() : value);
            }
        });
        if (checkpoint.chatTemplate() != null) {
            gguf.put("tokenizer.chat_template", checkpoint.chatTemplate());
        }
    }

    /** Older files leave the type out; Unigram's vocabulary is a list. */
    private String kind() {
        return model.get("type") instanceof Json.Str type ? type.value() : model.get("vocab") instanceof Json.Arr ? "Unigram" : "BPE";
    }

    private void put(String key, Object value) {
        metadata.put(PREFIX + key, value);
    }

    private static boolean isByte(String token) {
        return token.length() == 6 && token.startsWith("<0x") && token.endsWith(">");
    }

    private void markAdded(int[] types) {
        if (checkpoint.tokenizerJson().get("added_tokens") instanceof Json.Arr added) {
            for (Json item : added.items()) {
                if (item instanceof Json.Obj token && token.get("id") instanceof Json.Num id && id.longValue() < types.length
                        && !original.isSpecial((int) id.longValue())) {
                    types[(int) id.longValue()] = USER_DEFINED;
                }
            }
        }
        if (unknown() >= 0) {
            types[unknown()] = UNKNOWN;
        }
    }

    private int unknown() {
        return model.get("unk_token") instanceof Json.Str unknown ? original.id(unknown.value())
            : model.get("unk_id") instanceof Json.Num id && id.isInteger() && id.longValue() < original.vocabSize() ? (int) id.longValue() : -1;
    }

    private void ids() {
        if (original.bos() >= 0) {
            put("bos_token_id", (long) original.bos());
        }
        int[] ends = ends();
        int eos = original.eos() >= 0 ? original.eos() : ends.length > 0 ? ends[0] : original.suffix();
        if (eos >= 0) {
            put("eos_token_id", (long) eos);
        }
        int[] others = Arrays.stream(ends).filter(end -> end != eos).distinct().toArray();
        if (others.length > 2) {
            throw refused("ends replies with " + (others.length + 1) + " tokens, and GGUF has keys for three");
        }
        for (int i = 0; i < others.length; i++) {
            put(i == 0 ? "eot_token_id" : "eom_token_id", (long) others[i]);
        }
        if (unknown() >= 0) {
            put("unknown_token_id", (long) unknown());
        }
        // gguf-py spells one of them so.
        for (String[] each : new String[][] {{"pad_token", "padding"}, {"sep_token", "seperator"}, {"cls_token", "cls"}, {"mask_token", "mask"}}) {
            int id = configToken(each[0]);
            if (id >= 0) {
                put(each[1] + "_token_id", (long) id);
            }
        }
        put("add_bos_token", original.addsBos());
        if (original.suffix() >= 0) {
            put("add_eos_token", true);
        }
    }

    private int configToken(String name) {
        Json value = checkpoint.tokenizerConfig().get(name);
        Json content = value instanceof Json.Obj token ? token.get("content") : value;
        return content instanceof Json.Str text ? original.id(text.value()) : -1;
    }

    private int[] ends() {
        Json ends = checkpoint.generationConfig().has("eos_token_id") ? checkpoint.generationConfig().get("eos_token_id")
            : checkpoint.config().get("eos_token_id");
        List<Json> list = ends instanceof Json.Arr array ? array.items() : ends == null ? List.of() : List.of(ends);
        return list.stream().filter(Json.Num.class::isInstance).mapToInt(number -> (int) ((Json.Num) number).longValue()).toArray();
    }

    private void byteLevel() {
        put("model", "gpt2");
        put("merges", merges());
        boolean whole = model.get("ignore_merges") instanceof Json.Bool ignore && ignore.value();
        for (String pre : whole ? WHOLE_PIECES : PRE) {
            put("pre", pre);
            if (isSame()) {
                return;
            }
        }
        if (!whole && isSpacedWords()) {
            return;
        }
        throw refused("has a pre-tokenizer that none of GGUF's names (" + String.join(", ", whole ? WHOLE_PIECES : PRE) + ") stands for");
    }

    /** Words of text instead of bytes, lowered or not. */
    private boolean isSpacedWords() {
        put("pre", "whitespace");
        put("normalizer.lowercase", step("Lowercase") != null);
        return isSame();
    }

    private String[] merges() {
        if (!(model.get("merges") instanceof Json.Arr merges)) {
            throw refused("has no merges");
        }
        String[] written = new String[merges.size()];
        for (int i = 0; i < written.length; i++) {
            written[i] = merges.get(i) instanceof Json.Arr pair ? ((Json.Str) pair.get(0)).value() + " " + ((Json.Str) pair.get(1)).value()
                : ((Json.Str) merges.get(i)).value();
        }
        return written;
    }

    /** SentencePiece merges by score: that of a token is the rank of the first merge that makes it, below 0. */
    private void sentencePiece(String[] tokens, int[] types) {
        Map<String, Integer> ranks = new HashMap<>();
        String[] merges = merges();
        for (int i = 0; i < merges.length; i++) {
            ranks.putIfAbsent(merges[i].replace(" ", ""), i);
        }
        float[] scores = new float[tokens.length];
        for (int id = 0; id < tokens.length; id++) {
            scores[id] = types[id] == NORMAL ? -(float) ranks.getOrDefault(tokens[id], merges.length + id) : types[id] == BYTE ? 0 : -1000;
        }
        put("model", "llama");
        put("pre", "default");
        put("scores", scores);
        for (boolean prefix : new boolean[] {true, false}) {
            put("add_space_prefix", prefix);
            if (isSame()) {
                return;
            }
        }
        throw refused("merges in another way than SentencePiece does by scores");
    }

    /** GGUF marks what begins a word with SentencePiece's space, where BERT's vocabulary marks what goes on with one. */
    private void wordPiece(String[] tokens, int[] types) {
        String mark = model.get("continuing_subword_prefix") instanceof Json.Str prefix ? prefix.value() : "##";
        for (int id = 0; id < tokens.length; id++) {
            boolean bracketed = tokens[id].startsWith("[") && tokens[id].endsWith("]");
            if (types[id] == NORMAL && !bracketed) {
                tokens[id] = tokens[id].startsWith(mark) ? tokens[id].substring(mark.length()) : "▁" + tokens[id];
            }
        }
        put("model", "bert");
        put("pre", "default");
        Json.Obj bert = step("BertNormalizer");
        boolean lowers = bert == null ? step("Lowercase") != null : !(bert.get("lowercase") instanceof Json.Bool keeps) || keeps.value();
        boolean strips = bert == null ? step("StripAccents") != null : bert.get("strip_accents") instanceof Json.Bool strip ? strip.value() : lowers;
        if (!lowers || !strips) {
            put("normalizer.lowercase", lowers);
            put("normalizer.strip_accents", strips);
        }
        if (!isSame()) {
            throw refused("cleans texts or cuts words otherwise than GGUF's \"bert\" does");
        }
    }

    private void unigram(String[] tokens) {
        float[] scores = new float[tokens.length];
        Json.Arr list = (Json.Arr) model.get("vocab");
        for (int id = 0; id < list.size(); id++) {
            scores[id] = list.get(id) instanceof Json.Arr pair && pair.get(1) instanceof Json.Num score ? (float) score.doubleValue() : 0;
        }
        put("model", "t5");
        put("pre", "default");
        put("scores", scores);
        String charsmap = charsmap();
        if (charsmap != null) {
            metadata.put(PREFIX + "precompiled_charsmap", Base64.getDecoder().decode(charsmap), 0);
        }
        for (int choice = 0; choice < 4; choice++) {
            put("add_space_prefix", choice < 2);
            put("remove_extra_whitespaces", choice % 2 == 0);
            if (isSame()) {
                return;
            }
        }
        throw refused("normalises texts otherwise than GGUF's \"t5\" does");
    }

    /** SentencePiece's compiled rules, in base 64, or null. */
    private String charsmap() {
        Json.Obj compiled = step("Precompiled");
        return compiled != null && compiled.get("precompiled_charsmap") instanceof Json.Str found ? found.value() : null;
    }

    /** The first normalizer of that type, or null. */
    private Json.Obj step(String type) {
        return step(checkpoint.tokenizerJson().get("normalizer"), type);
    }

    private static Json.Obj step(Json normalizer, String type) {
        if (!(normalizer instanceof Json.Obj object)) {
            return null;
        }
        if (object.get("type") instanceof Json.Str found && found.value().equals(type)) {
            return object;
        }
        List<Json> steps = object.get("normalizers") instanceof Json.Arr all ? all.items() : List.of();
        return steps.stream().map(step -> step(step, type)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    private boolean isSame() {
        try {
            return SampleTexts.same(original, Tokenizers.ofGguf(metadata));
        } catch (CremaException e) {
            if (e.code() == ErrorCode.UNSUPPORTED_MODEL) {
                return false;
            }
            throw refused("can't be written: " + e.getMessage());
        }
    }

    private CremaException refused(String what) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tokenizer of " + checkpoint.name() + " " + what + ".",
            "It can't be written into a GGUF file without changing what the model reads.");
    }
}
