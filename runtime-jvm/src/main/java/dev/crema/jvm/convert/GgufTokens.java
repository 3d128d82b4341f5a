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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * tokenizer.json as GGUF's {@code tokenizer.ggml} keys. GGUF names a pre-tokenizer where tokenizer.json spells it out, so the name is found by
 * trying: the first whose tokenizer encodes the sample texts as the original does. Where none does, the conversion is refused.
 */
final class GgufTokens {
    private static final List<String> PRE = List.of("llama-bpe", "qwen2", "gpt-4o", "tekken", "smollm", "gpt-2", "falcon", "default");
    private static final String PREFIX = "tokenizer.ggml.";
    /** llama.h's token types. */
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    /** Whatever pre-tokenizers treat differently: numbers, contractions, case, spaces, lines, marks, scripts. */
    private static final List<String> SAMPLES = List.of(
        "Hello world", " Hello  world ", "I'm you're WE'VE it'S 'tis don't", "1 12 123 1234 12345 3.14159 1,000,000 v2", "a\nb\n\nc \n d\r\n\r\ne",
        "tab\tand\t\ttabs  and   spaces    ", "camelCaseWords HTMLParser snake_case_word kebab-case", "x=1;y+=2; // ok? {a: [1,2]} <b>\"q\"</b>",
        "Grüße aus Köln, ça va? naïve café", "Привет, мир! 你好世界。こんにちは 안녕하세요 مرحبا עברית हिन्दी", "🙂👍🏽 ½ ² Ⅷ ١٢٣ e\u0301 ﬁ", "...!!!??? -- $5.00 100% #tag @me a/b\\c ~`^|",
        "Once upon a time, there was a little girl named Lily. She said: \"Yes!\"", "");

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
        if (byteFallback) {
            sentencePiece(tokens, types);
        } else {
            byteLevel();
        }
        // Ids are u32 in GGUF files.
        metadata.values().forEach((key, value) -> gguf.put(key, value instanceof Long id ? (Object) id.intValue() : value));
        if (checkpoint.chatTemplate() != null) {
            gguf.put("tokenizer.chat_template", checkpoint.chatTemplate());
        }
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
        if (model.get("unk_token") instanceof Json.Str unknown && original.id(unknown.value()) >= 0) {
            types[original.id(unknown.value())] = UNKNOWN;
        }
    }

    private void ids() {
        if (original.bos() >= 0) {
            put("bos_token_id", (long) original.bos());
        }
        int[] ends = ends();
        int eos = original.eos() >= 0 ? original.eos() : ends.length > 0 ? ends[0] : -1;
        if (eos >= 0) {
            put("eos_token_id", (long) eos);
        }
        for (int end : ends) {
            if (end != eos && !metadata.has(PREFIX + "eot_token_id")) {
                put("eot_token_id", (long) end);
            }
        }
        if (model.get("unk_token") instanceof Json.Str unknown && original.id(unknown.value()) >= 0) {
            put("unknown_token_id", (long) original.id(unknown.value()));
        }
        put("add_bos_token", original.addsBos());
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
        for (String pre : PRE) {
            put("pre", pre);
            if (isSame()) {
                return;
            }
        }
        throw refused("has a pre-tokenizer that none of GGUF's names (" + String.join(", ", PRE) + ") stands for");
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

    private boolean isSame() {
        Tokenizer written;
        try {
            written = Tokenizers.ofGguf(metadata);
        } catch (CremaException e) {
            throw refused("can't be written: " + e.getMessage());
        }
        for (String sample : SAMPLES) {
            if (!Arrays.equals(original.encode(sample, Tokenizer.Special.TEXT), written.encode(sample, Tokenizer.Special.TEXT))) {
                return false;
            }
        }
        return true;
    }

    private CremaException refused(String what) {
        return new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tokenizer of " + checkpoint.name() + " " + what + ".",
            "It can't be written into a GGUF file without changing what the model reads.");
    }
}
