package dev.crema.tokenizer;

/**
 * A regular expression, written by hand: neither {@code java.util.regex} of TeaVM nor that of a JDK reads {@code \s} and the categories
 * as tokenizers mean them, and a loop is faster.
 */
interface Scanner {
    /** The end of the match that begins at {@code from}, or -1. Nothing at or after {@code to} is looked at: the text ends there. */
    int match(String text, int from, int to);

    /** One or more characters of the categories; at most {@code most}. */
    record Run(int categories, int most) implements Scanner {
        @Override
        public int match(String text, int from, int to) {
            int end = run(text, from, to, categories, most);
            return end == from ? -1 : end;
        }
    }

    /** The end of the run of characters of {@code categories} that begins at {@code from}. */
    static int run(String text, int from, int to, int categories, int most) {
        int at = from;
        for (int count = 0; at < to && count < most; count++) {
            int c = text.codePointAt(at);
            if (!Unicode.is(c, categories)) {
                break;
            }
            at += Character.charCount(c);
        }
        return at;
    }

    static int letters(String text, int from, int to) {
        return run(text, from, to, Unicode.LETTER, Integer.MAX_VALUE);
    }

    /** The end of the run of {@code [^\s\p{L}\p{N}]}. */
    static int others(String text, int from, int to) {
        int at = from;
        while (at < to && Unicode.isOther(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    /** The end of {@code 's|'t|'re|'ve|'m|'ll|'d} at {@code from}, or -1. */
    static int contraction(String text, int from, int to, boolean ignoreCase) {
        if (from + 1 >= to || text.charAt(from) != '\'') {
            return -1;
        }
        char first = fold(text.charAt(from + 1), ignoreCase);
        if (first == 's' || first == 't' || first == 'm' || first == 'd') {
            return from + 2;
        }
        char second = from + 2 < to ? fold(text.charAt(from + 2), ignoreCase) : 0;
        boolean known = first == 'r' && second == 'e' || first == 'v' && second == 'e' || first == 'l' && second == 'l';
        return known ? from + 3 : -1;
    }

    /** The long s is the one letter beyond ASCII that folds to a letter of a contraction. */
    private static char fold(char c, boolean ignoreCase) {
        if (!ignoreCase) {
            return c;
        }
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c == '\u017F' ? 's' : c;
    }

    /** The end of {@code \s+(?!\S)|\s+}, also with {@code \s*[\r\n]+} before it, or -1. */
    static int spaces(String text, int from, int to, boolean newlinesFirst) {
        int end = from;
        int afterNewline = -1;
        while (end < to && Unicode.isSpace(text.charAt(end))) {
            char c = text.charAt(end++);
            afterNewline = c == '\n' || c == '\r' ? end : afterNewline;
        }
        if (newlinesFirst && afterNewline > 0) {
            return afterNewline;
        }
        if (end == from) {
            return -1;
        }
        // The last space goes with the word that follows.
        return end == to || end - from == 1 ? end : end - 1;
    }
}
