package dev.crema.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts to embed and to tokenize. */
final class EncoderTexts {
    private static final String PANGRAM = "the quick brown fox jumps over the lazy dog and then it does so again ";

    /**
     * Where random characters come from: Latin to Armenian, Hebrew to Arabic, Devanagari, Thai, Jamo, letters with accents, punctuation and symbols, kana,
     * ideographs, Hangul, private use, compatibility forms, emoji. The other tokenizer's tables are of an old Unicode version, so blocks that
     * got marks and punctuation since are left out.
     */
    private static final int[][] RANGES = {{0, 0x590}, {0x590, 0x660}, {0x900, 0x970}, {0xe00, 0xe60}, {0x1100, 0x1200}, {0x1e00, 0x2100}, {0x2100, 0x2400},
        {0x2500, 0x2800}, {0x3000, 0x3100}, {0x3400, 0xa000}, {0xac00, 0xd7b0}, {0xe000, 0xe100}, {0xf900, 0xfe00}, {0xfe10, 0xfe70}, {0xff00, 0x10000},
        {0x1f300, 0x1f650}, {0x20000, 0x2a700}};

    private EncoderTexts() { }

    /** Of 2 to 512 tokens with the ones around them; "the" and "fox" are tokens of these vocabularies. */
    static List<String> toEmbed() {
        var texts = new ArrayList<String>(List.of("", " ", "a", "Hello, world!", "What is the capital of France?", "Paris is the capital of France.",
            "The quick brown fox jumps over the lazy dog.", "query: how much protein should a female eat", "passage: As a general guideline, 46 grams a day.",
            "Represent this sentence for searching relevant passages: cats", "Wie hoch ist die Zugspitze? Über 2900 Meter, größer als vermutet.",
            "El niño comió piñas mañana por la mañana.", "日本語の文章と中文，混在。", "Привет, мир! Καλημέρα, κόσμε.", "مرحبا بالعالم", "안녕하세요 세계",
            "👩‍👩‍👧‍👦 and 🇫🇷 and e\u0301 and \u00e9", "int main(void) { return x->y[3] << 2; }", "https://example.org/a?b=c&d=%20#e", "3.14159 1,000,000 1e-9 42",
            "UPPER lower MiXeD İSTANBUL ẞ ß ſ", "line\nbreak\ttab\r\nreturn", "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis"));
        texts.add("the ".repeat(61) + "fox");
        texts.add("fox the ".repeat(63));
        texts.add(PANGRAM.repeat(17));
        texts.add("the ".repeat(509));
        texts.add("fox ".repeat(510));
        return texts;
    }

    /** What tokenizers get wrong. */
    static List<String> toTokenize() {
        var texts = new ArrayList<>(toEmbed());
        texts.addAll(List.of("[CLS] [SEP] [MASK] [PAD] [UNK]", "a[MASK]b", "[mask] [ MASK ]", "don't can't I'll we've", "a.b.c...d?!?!", "$5 + 3^2 = `x` ~ <y> |z|",
            "\u0000\ufffd\u200b\u200d\u00ad\ufeffx", "a\u00a0b\u2003c\u3000d\u2028e", "a\u0300\u0301\u0302 \u0301", "ﬁ ﬀ ㌔ ½ ² ™ Ⅳ", "ＡＢＣ ｱｲｳ", "𝒜𝓑 𠀀𠀁 中a中1中", "x".repeat(99),
            "x".repeat(100), "x".repeat(101), "ab".repeat(300), "Ⓐ ⓐ", "Ǆ ǅ ǆ Σς", "İ I ı i", "\ud83d\ude00\ud83d\ude01", "__init__ ##ing # #a", "«»„“”‘’—–…", "क्षि नमस्ते", "ก็ สวัสดี",
            "a\u0085b\u000bc\u000cd", "\u1e9e\u0149\u01f0\u0390", "\ufdfa \ufb2a", "\u0130\u0307", "1\u20ac2\u00a33", "\ue000 \uf8ff", "\u2f00\uf900\ud87e\udc00"));
        var random = new Random(5);
        for (int i = 0; i < 300; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(40); n > 0; n--) {
                int[] range = RANGES[random.nextInt(RANGES.length)];
                text.appendCodePoint(switch (random.nextInt(5)) {
                    case 0 -> ' ';
                    case 1, 2 -> 33 + random.nextInt(94);
                    default -> range[0] + random.nextInt(range[1] - range[0]);
                });
            }
            texts.add(text.toString());
        }
        return texts;
    }
}
