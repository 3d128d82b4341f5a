package dev.crema.jvm.synth;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/**
 * A byte-level BPE vocabulary in GPT-2's form: 256 bytes, some merges, three special tokens, and up to the size that a model needs either
 * unused special tokens or made-up words.
 */
public final class SyntheticTokenizer {
    private static final String[][] MERGES = {{"Ġ", "t"}, {"h", "e"}, {"i", "n"}, {"Ġ", "a"}, {"r", "e"}, {"o", "n"}, {"Ġt", "he"}, {"e", "r"},
        {"Ġ", "s"}, {"a", "t"}, {"e", "n"}, {"o", "r"}, {"Ġ", "w"}, {"Ġ", "o"}, {"i", "t"}, {"a", "n"}, {"e", "s"}, {"in", "g"}, {"l", "l"},
        {"Ġa", "n"}, {"Ġan", "d"}, {"Ġt", "o"}, {"H", "e"}, {"He", "ll"}, {"Hell", "o"}};
    private static final String TEMPLATE = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private static final String CONSONANTS = "bcdfghjklmnprstvwz";
    private static final String VOWELS = "aeiou";
    private static final int SPECIALS = 3;

    private final List<String> tokens = new ArrayList<>();
    private final int firstSpecial;
    /** The end of the special tokens: normal ones come after it. */
    private final int specialEnd;

    /** {@code size} tokens, at least 300; those that nothing needs are special, and never part of a text. */
    public SyntheticTokenizer(int size) {
        this(size, false);
    }

    /** The same; with {@code words}, the tokens that nothing needs are words of a text. */
    public SyntheticTokenizer(int size, boolean words) {
        if (size < 300) {
            throw new IllegalArgumentException("a vocabulary of " + size + " does not hold the bytes and merges");
        }
        for (int value = 0; value < 256; value++) {
            tokens.add(letter(value));
        }
        for (String[] merge : MERGES) {
            tokens.add(merge[0] + merge[1]);
        }
        firstSpecial = tokens.size();
        tokens.addAll(List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>"));
        while (tokens.size() < size) {
            tokens.add(words ? word(tokens.size()) : "<|unused" + tokens.size() + "|>");
        }
        specialEnd = words ? firstSpecial + SPECIALS : size;
    }

    /** A space and three syllables, another word for each of the first 729,000 numbers. */
    private static String word(int number) {
        var word = new StringBuilder("Ġ");
        int rest = number;
        for (int syllable = 0; syllable < 3; syllable++) {
            word.append(CONSONANTS.charAt(rest % CONSONANTS.length())).append(VOWELS.charAt(rest / CONSONANTS.length() % VOWELS.length()));
            rest /= CONSONANTS.length() * VOWELS.length();
        }
        return word.toString();
    }

    /** GPT-2's visible letter for a byte: printable Latin-1 stands for itself, the rest is moved above U+0100. */
    private static String letter(int value) {
        int moved = 0;
        for (int b = 0; b < 256; b++) {
            boolean visible = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            if (b == value) {
                return String.valueOf((char) (visible ? b : 256 + moved));
            }
            moved += visible ? 0 : 1;
        }
        throw new IllegalArgumentException("no byte " + value);
    }

    private boolean isSpecial(int id) {
        return id >= firstSpecial && id < specialEnd;
    }

    public int id(String token) {
        return tokens.indexOf(token);
    }

    /** The end of a turn, {@code <|im_end|>}. */
    public int eos() {
        return id("<|im_end|>");
    }

    /** tokenizer.json. */
    public Json.Obj tokenizerJson() {
        var vocab = new Json.Obj();
        for (int i = 0; i < tokens.size(); i++) {
            if (!isSpecial(i)) {
                vocab.put(tokens.get(i), (long) i);
            }
        }
        var merges = new Json.Arr();
        for (String[] merge : MERGES) {
            merges.add(Json.of(merge[0] + " " + merge[1]));
        }
        var added = new Json.Arr();
        for (int i = firstSpecial; i < specialEnd; i++) {
            added.add(new Json.Obj().put("id", (long) i).put("content", tokens.get(i)).put("single_word", false).put("lstrip", false)
                .put("rstrip", false).put("normalized", false).put("special", true));
        }
        var byteLevel = new Json.Obj().put("type", "ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", true);
        return new Json.Obj().put("version", "1.0").put("added_tokens", added).put("normalizer", Json.NULL).put("pre_tokenizer", byteLevel)
            .put("post_processor", Json.NULL).put("decoder", byteLevel).put("model", new Json.Obj().put("type", "BPE").put("dropout", Json.NULL)
            .put("unk_token", Json.NULL).put("fuse_unk", false).put("byte_fallback", false).put("vocab", vocab).put("merges", merges));
    }

    /** tokenizer_config.json with a ChatML template. */
    public Json.Obj tokenizerConfig() {
        return new Json.Obj().put("tokenizer_class", "PreTrainedTokenizerFast").put("add_bos_token", false).put("eos_token", "<|im_end|>")
            .put("chat_template", TEMPLATE);
    }

    /** The same as GGUF metadata. */
    public void writeTo(GgufWriter gguf) {
        var types = new int[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            // llama.h: 1 normal, 3 control.
            types[i] = isSpecial(i) ? 3 : 1;
        }
        var merges = new String[MERGES.length];
        for (int i = 0; i < merges.length; i++) {
            merges[i] = MERGES[i][0] + " " + MERGES[i][1];
        }
        gguf.put("tokenizer.ggml.model", "gpt2").put("tokenizer.ggml.pre", "gpt-2").put("tokenizer.ggml.tokens", tokens.toArray(String[]::new))
            .put("tokenizer.ggml.token_type", types).put("tokenizer.ggml.merges", merges).put("tokenizer.ggml.eos_token_id", eos())
            .put("tokenizer.ggml.add_bos_token", false).put("tokenizer.chat_template", TEMPLATE);
    }
}
