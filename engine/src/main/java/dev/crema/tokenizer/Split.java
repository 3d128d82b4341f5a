package dev.crema.tokenizer;

/**
 * Cuts at the matches of a scanner ({@code Split}, {@code Digits}, {@code Punctuation}).
 *
 * @param invert what lies between the matches counts as match and the other way round
 */
record Split(Scanner scanner, Behavior behavior, boolean invert) implements PreTokenizer {
    /** What becomes of a match, in tokenizer.json's words. */
    enum Behavior { ISOLATED, REMOVED, MERGED_WITH_PREVIOUS, MERGED_WITH_NEXT, CONTIGUOUS }

    static Split isolated(Scanner scanner) {
        return new Split(scanner, Behavior.ISOLATED, false);
    }

    @Override
    public void split(String text, int from, int to, boolean atStart, Pieces pieces) {
        if (behavior == Behavior.ISOLATED || behavior == Behavior.REMOVED) {
            scan(text, from, to, (start, end, match) -> {
                if (behavior == Behavior.ISOLATED || !match) {
                    pieces.piece(text, start, end, atStart && start == from);
                }
            });
            return;
        }
        var cuts = new IntList(16);
        var matches = new IntList(16);
        scan(text, from, to, (start, end, match) -> {
            cuts.add(start);
            matches.add(match ? 1 : 0);
        });
        cuts.add(to);
        int start = from;
        boolean[] joins = joins(matches);
        for (int i = 1; i <= matches.size(); i++) {
            if (i == matches.size() || !joins[i]) {
                pieces.piece(text, start, cuts.get(i), atStart && start == from);
                start = cuts.get(i);
            }
        }
    }

    /** Whether the i-th part belongs to the piece of the one before. */
    private boolean[] joins(IntList matches) {
        int count = matches.size();
        boolean[] joins = new boolean[count];
        if (behavior == Behavior.MERGED_WITH_NEXT) {
            boolean nextIsMatch = false;
            for (int i = count - 1; i >= 0; i--) {
                boolean match = matches.get(i) == 1;
                if (match && !nextIsMatch && i + 1 < count) {
                    joins[i + 1] = true;
                }
                nextIsMatch = match;
            }
            return joins;
        }
        for (int i = 1; i < count; i++) {
            boolean match = matches.get(i) == 1;
            boolean previous = matches.get(i - 1) == 1;
            joins[i] = behavior == Behavior.CONTIGUOUS ? match == previous : match && !previous;
        }
        return joins;
    }

    private interface Parts {
        void part(int start, int end, boolean match);
    }

    /** All of the text as matches and what lies between them; no part is empty. */
    private void scan(String text, int from, int to, Parts parts) {
        int gap = from;
        int at = from;
        while (at < to) {
            int end = scanner.match(text, at, to);
            if (end <= at) {
                at += Character.charCount(text.codePointAt(at));
                continue;
            }
            if (at > gap) {
                parts.part(gap, at, invert);
            }
            parts.part(at, end, !invert);
            gap = end;
            at = end;
        }
        if (to > gap) {
            parts.part(gap, to, invert);
        }
    }
}
