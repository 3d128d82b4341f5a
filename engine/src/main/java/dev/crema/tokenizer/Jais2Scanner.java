package dev.crema.tokenizer;

/**
 * Jais 2: as Llama 3, but white space without ends of lines is cut into runs of 512, 256, ... and 4, of two and one, and the last before a word is alone:
 * {@code \s{512}(?!\S)|\s{256}(?!\S)|...|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}}.
 */
record Jais2Scanner() implements Scanner {
    private static final int LONGEST = 512;
    private static final Scanner LLAMA3 = new Cl100kScanner(3);

    @Override
    public int match(String text, int from, int to) {
        int end = LLAMA3.match(text, from, to);
        if (!Unicode.isSpace(text.charAt(from)) || !Unicode.isSpace(text.charAt(end - 1)) || hasLineEnd(text, from, end)) {
            return end;
        }
        int spaces = 0;
        while (spaces <= LONGEST && from + spaces < to && Unicode.isSpace(text.charAt(from + spaces))) {
            spaces++;
        }
        boolean last = from + spaces == to;
        for (int count = LONGEST; count >= 4; count /= 2) {
            if (spaces > count || spaces == count && last) {
                return from + count;
            }
        }
        return from + (spaces > 2 || spaces == 2 && last ? 2 : 1);
    }

    /** Whether the match is {@code \s*[\r\n]+}. */
    private static boolean hasLineEnd(String text, int from, int end) {
        return text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r';
    }
}
