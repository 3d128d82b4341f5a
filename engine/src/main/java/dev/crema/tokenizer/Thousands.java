package dev.crema.tokenizer;

/**
 * Cuts runs of digits where thousands are parted, in threes from the right: 12345 is 12 and 345. As at {@code (?=(\d{3})+(?!\d))}, or with {@code alone} as
 * {@code \d{1,3}(?=(?:\d{3})*\b)}: then runs are also cut off from what is around them, and those that a word goes on with stay whole.
 *
 * @param categories what counts as a digit
 */
record Thousands(int categories, boolean alone) implements PreTokenizer {
    @Override
    public void split(String text, int from, int to, boolean atStart, Pieces pieces) {
        int start = from;
        for (int at = from; at < to;) {
            int end = Scanner.run(text, at, to, categories, Integer.MAX_VALUE);
            if (end == at) {
                at += Character.charCount(text.codePointAt(at));
                continue;
            }
            boolean cuts = !alone || end == to || !AddedTokens.isWord(text, end);
            int left = text.codePointCount(at, end);
            for (int first = at; at < end; at += Character.charCount(text.codePointAt(at)), left--) {
                if (cuts && at > start && (left % 3 == 0 || alone && at == first)) {
                    pieces.piece(text, start, at, atStart && start == from);
                    start = at;
                }
            }
            if (cuts && alone) {
                pieces.piece(text, start, end, atStart && start == from);
                start = end;
            }
        }
        if (to > start) {
            pieces.piece(text, start, to, atStart && start == from);
        }
    }
}
