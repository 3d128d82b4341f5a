package dev.crema.tokenizer;

/** GPT-2: {@code 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+}. Every character is in a match. */
record Gpt2Scanner() implements Scanner {
    @Override
    public int match(String text, int from, int to) {
        int end = Scanner.contraction(text, from, to, false);
        if (end >= 0) {
            return end;
        }
        int start = text.charAt(from) == ' ' ? from + 1 : from;
        if (start < to) {
            int c = text.codePointAt(start);
            if (Unicode.is(c, Unicode.LETTER)) {
                return Scanner.letters(text, start, to);
            }
            if (Unicode.is(c, Unicode.NUMBER)) {
                return Scanner.run(text, start, to, Unicode.NUMBER, Integer.MAX_VALUE);
            }
            if (!Unicode.isSpace(c)) {
                return Scanner.others(text, start, to);
            }
        }
        return Scanner.spaces(text, from, to, false);
    }
}
