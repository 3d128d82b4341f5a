package dev.crema.tokenizer;

/**
 * The pattern that GPT-4 began and Llama 3 (three digits) and Qwen 2 (one digit) have: {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|
 * [^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}. Every character is in a match.
 */
record Cl100kScanner(int digits) implements Scanner {
    @Override
    public int match(String text, int from, int to) {
        int end = Scanner.contraction(text, from, to, true);
        if (end >= 0) {
            return end;
        }
        int c = text.codePointAt(from);
        if (Unicode.is(c, Unicode.LETTER)) {
            return Scanner.letters(text, from, to);
        }
        if (Unicode.is(c, Unicode.NUMBER)) {
            return Scanner.run(text, from, to, Unicode.NUMBER, digits);
        }
        if (c != '\r' && c != '\n') {
            int start = from + Character.charCount(c);
            end = Scanner.letters(text, start, to);
            if (end > start) {
                return end;
            }
        }
        end = symbols(text, from, to, false);
        return end >= 0 ? end : Scanner.spaces(text, from, to, true);
    }

    /** The end of {@code  ?[^\s\p{L}\p{N}]+[\r\n]*}, or -1; with {@code slashes} of {@code [\r\n/]*}. */
    static int symbols(String text, int from, int to, boolean slashes) {
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        int end = Scanner.others(text, start, to);
        if (end == start) {
            return -1;
        }
        while (end < to && (text.charAt(end) == '\r' || text.charAt(end) == '\n' || slashes && text.charAt(end) == '/')) {
            end++;
        }
        return end;
    }
}
