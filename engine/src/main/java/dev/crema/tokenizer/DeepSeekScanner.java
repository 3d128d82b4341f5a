package dev.crema.tokenizer;

/**
 * The last of DeepSeek V3's three patterns (before it: runs of up to three numbers, and of Chinese characters and kana):
 * {@code [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+}.
 *
 * @param lines whether ends of lines go with what is before them; else each is alone: {@code  ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+}
 */
record DeepSeekScanner(boolean lines) implements Scanner {
    private static final int WORD = Unicode.LETTER | Unicode.MARK;
    private static final int SYMBOL = 1 << Character.MATH_SYMBOL | 1 << Character.CURRENCY_SYMBOL | 1 << Character.MODIFIER_SYMBOL | 1 << Character.OTHER_SYMBOL;
    private static final int SIGN = Unicode.PUNCTUATION | SYMBOL;

    @Override
    public int match(String text, int from, int to) {
        int c = text.codePointAt(from);
        boolean asciiSign = c > ' ' && c < 0x7F && Unicode.is(c, SIGN);
        int end = asciiSign ? latin(text, from + 1, to) : from;
        if (end > from + 1) {
            return end;
        }
        boolean prefix = c != '\r' && c != '\n' && !Unicode.is(c, Unicode.LETTER | SIGN);
        int start = prefix ? from + Character.charCount(c) : from;
        end = Scanner.run(text, start, to, WORD, Integer.MAX_VALUE);
        if (end > start) {
            return end;
        }
        // A mark alone is a prefix that turns out to be the word.
        end = Scanner.run(text, from, to, WORD, Integer.MAX_VALUE);
        if (end > from) {
            return end;
        }
        start = c == ' ' ? from + 1 : from;
        end = Scanner.run(text, start, to, SIGN, Integer.MAX_VALUE);
        if (end > start) {
            while (lines && end < to && (text.charAt(end) == '\r' || text.charAt(end) == '\n')) {
                end++;
            }
            return end;
        }
        return !lines && (c == '\r' || c == '\n') ? from + 1 : Scanner.spaces(text, from, to, lines);
    }

    private static int latin(String text, int from, int to) {
        int at = from;
        while (at < to && (text.charAt(at) >= 'A' && text.charAt(at) <= 'Z' || text.charAt(at) >= 'a' && text.charAt(at) <= 'z')) {
            at++;
        }
        return at;
    }

    /** {@code \s?} and a run of the categories. */
    static Scanner spaced(int categories) {
        return (text, from, to) -> {
            int start = Unicode.isSpace(text.charAt(from)) ? from + 1 : from;
            int end = Scanner.run(text, start, to, categories, Integer.MAX_VALUE);
            return end == start ? -1 : end;
        };
    }
}
