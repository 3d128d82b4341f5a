package dev.crema.tokenizer;

/**
 * GPT-4o's pattern (three digits, contractions) and Mistral's Tekken (one digit, none), where a word also ends before a capital:
 * {@code [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|...)?|
 * [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|...)?|\p{N}{1,3}|
 *  ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+}. Every character is in a match.
 *
 * @param han whether it is Kimi's: {@code [\p{Han}]+} comes first, words have no such characters, and no slashes go with signs
 */
record O200kScanner(int digits, boolean contractions, boolean han) implements Scanner {
    private static final int UPPER = Unicode.UPPERCASE | Unicode.UNCASED | Unicode.MARK;
    private static final int LOWER = Unicode.LOWERCASE | Unicode.UNCASED | Unicode.MARK;

    O200kScanner(int digits, boolean contractions) {
        this(digits, contractions, false);
    }

    @Override
    public int match(String text, int from, int to) {
        if (han && CodePoints.HAN.has(text.codePointAt(from))) {
            return CodePoints.HAN.run(text, from, to);
        }
        int c = text.codePointAt(from);
        boolean prefix = c != '\r' && c != '\n' && !Unicode.is(c, Unicode.LETTER | Unicode.NUMBER);
        int afterPrefix = from + Character.charCount(c);
        int end = prefix ? lowerEnded(text, afterPrefix, to) : -1;
        end = end < 0 ? lowerEnded(text, from, to) : end;
        end = end < 0 && prefix ? upper(text, afterPrefix, to) : end;
        end = end < 0 ? upper(text, from, to) : end;
        if (end >= 0) {
            int after = contractions ? Scanner.contraction(text, end, to, true) : -1;
            return Math.max(end, after);
        }
        if (Unicode.is(c, Unicode.NUMBER)) {
            return Scanner.run(text, from, to, Unicode.NUMBER, digits);
        }
        end = Cl100kScanner.symbols(text, from, to, han ? "\r\n" : "\r\n/");
        return end >= 0 ? end : Scanner.spaces(text, from, to, true);
    }

    private int run(String text, int from, int to, int categories) {
        int at = from;
        while (at < to) {
            int c = text.codePointAt(at);
            if (!Unicode.is(c, categories) || han && CodePoints.HAN.has(c)) {
                break;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    /** {@code UPPER*LOWER+}: the capitals give back what they took until a character fits both. */
    private int lowerEnded(String text, int from, int to) {
        int uppers = run(text, from, to, UPPER);
        int end = run(text, uppers, to, LOWER);
        if (end > uppers) {
            return end;
        }
        while (uppers > from) {
            int c = text.codePointBefore(uppers);
            if (Unicode.is(c, LOWER)) {
                return uppers;
            }
            uppers -= Character.charCount(c);
        }
        return -1;
    }

    /** {@code UPPER+LOWER*}. */
    private int upper(String text, int from, int to) {
        int uppers = run(text, from, to, UPPER);
        return uppers == from ? -1 : run(text, uppers, to, LOWER);
    }
}
