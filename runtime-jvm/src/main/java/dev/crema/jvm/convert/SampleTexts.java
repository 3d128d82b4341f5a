package dev.crema.jvm.convert;

import dev.crema.tokenizer.Tokenizer;

import java.util.Arrays;
import java.util.List;

/** Texts with whatever tokenizers treat differently: numbers, contractions, case, spaces, lines, marks, scripts. */
final class SampleTexts {
    private static final List<String> ALL = List.of(
        "Hello world", " Hello  world ", "I'm you're WE'VE it'S 'tis don't", "1 12 123 1234 12345 3.14159 1,000,000 v2", "a\nb\n\nc \n d\r\n\r\ne",
        "tab\tand\t\ttabs  and   spaces    ", "camelCaseWords HTMLParser snake_case_word kebab-case", "x=1;y+=2; // ok? {a: [1,2]} <b>\"q\"</b>",
        "Grüße aus Köln, ça va? naïve café", "Привет, мир! 你好世界。こんにちは 안녕하세요 مرحبا עברית हिन्दी", "🙂👍🏽 ½ ² Ⅷ ١٢٣ e\u0301 ﬁ", "...!!!??? -- $5.00 100% #tag @me a/b\\c ~`^|",
        "/path/to /a//b http://x.y/z?q=1&r=2", "a_b_c __init__ 2nd 3x4 x2y", "Once upon a time, there was a little girl named Lily. She said: \"Yes!\"", "");

    private SampleTexts() { }

    /** Whether both give the same tokens for all texts, and put the same before and after them. */
    static boolean same(Tokenizer a, Tokenizer b) {
        boolean ends = a.suffix() == b.suffix() && a.addsBos() == b.addsBos() && (!a.addsBos() || a.bos() == b.bos());
        return ends && ALL.stream().allMatch(text -> Arrays.equals(a.encode(text, Tokenizer.Special.TEXT), b.encode(text, Tokenizer.Special.TEXT)));
    }
}
