package dev.crema.tokenizer;

/**
 * The pattern that GPT-4 began and Llama 3 (three digits) and Qwen 2 (one digit) have: {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|
 * [^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}. Every character is in a match.
 *
 * @param contractions whether {@code 's} and the like are pieces of their own
 * @param marks        whether marks belong to words: {@code [\p{L}\p{M}]+} and {@code [^\s\p{L}\p{M}\p{N}]+}, as Qwen 3.5 has it
 * @param lines        whether ends of lines go with the signs before them
 */
record Cl100kScanner(int digits, boolean contractions, boolean marks, boolean lines) implements Scanner {
    Cl100kScanner(int digits) {
        this(digits, true, false, true);
    }

    @Override
    public int match(String text, int from, int to) {
        int end = contractions ? Scanner.contraction(text, from, to, true) : -1;
        if (end >= 0) {
            return end;
        }
        int word = marks ? Unicode.LETTER | Unicode.MARK : Unicode.LETTER;
        int c = text.codePointAt(from);
        if (Unicode.is(c, word)) {
            return Scanner.run(text, from, to, word, Integer.MAX_VALUE);
        }
        if (Unicode.is(c, Unicode.NUMBER)) {
            return Scanner.run(text, from, to, Unicode.NUMBER, digits);
        }
        if (c != '\r' && c != '\n') {
            int start = from + Character.charCount(c);
            end = Scanner.run(text, start, to, word, Integer.MAX_VALUE);
            if (end > start) {
                return end;
            }
        }
        end = marks ? signs(text, from, to) : symbols(text, from, to, lines ? "\r\n" : "");
        return end >= 0 ? end : Scanner.spaces(text, from, to, true);
    }

    /** {@link #symbols} without marks. */
    private static int signs(String text, int from, int to) {
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        int end = start;
        while (end < to && Unicode.isOther(text.codePointAt(end)) && !Unicode.is(text.codePointAt(end), Unicode.MARK)) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end == start ? -1 : after(text, end, to, "\r\n");
    }

    /** The end of {@code  ?[^\s\p{L}\p{N}]+} and of the characters of {@code tail} behind it, or -1. */
    static int symbols(String text, int from, int to, String tail) {
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        int end = Scanner.others(text, start, to);
        return end == start ? -1 : after(text, end, to, tail);
    }

    private static int after(String text, int from, int to, String tail) {
        int end = from;
        while (end < to && tail.indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return end;
    }
}
