package dev.crema.tokenizer;

/**
 * EXAONE's mixtures: a piece may be several words, with one space between two: {@code (?i:'s|'t|'re|'ve|'m|'ll|'d)|
 * [^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+}.
 */
record ExaoneMoeScanner() implements Scanner {
    @Override
    public int match(String text, int from, int to) {
        int end = Scanner.contraction(text, from, to, true);
        if (end >= 0) {
            return end;
        }
        int c = text.codePointAt(from);
        boolean prefix = c != '\r' && c != '\n' && !Unicode.is(c, Unicode.LETTER | Unicode.NUMBER);
        int start = prefix ? from + Character.charCount(c) : from;
        end = words(text, start, to);
        if (end > start) {
            return end;
        }
        if (Unicode.is(c, Unicode.NUMBER)) {
            return from + Character.charCount(c);
        }
        end = Cl100kScanner.symbols(text, from, to, "");
        if (end >= 0) {
            return end < to && "\r\n/".indexOf(text.charAt(end)) >= 0 ? end + 1 : end;
        }
        return Scanner.spaces(text, from, to, true);
    }

    private static int words(String text, int from, int to) {
        int end = from;
        int at = from;
        while (at < to && Unicode.is(text.codePointAt(at), Unicode.LETTER)) {
            end = Scanner.run(text, at + Character.charCount(text.codePointAt(at)), to, Unicode.MARK, Integer.MAX_VALUE);
            at = end < to && text.charAt(end) == ' ' ? end + 1 : end;
        }
        return end;
    }
}
