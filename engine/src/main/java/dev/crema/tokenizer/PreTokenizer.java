package dev.crema.tokenizer;

import java.util.List;

/** Cuts a text into pieces that the model encodes one by one (tokenizer.json's {@code pre_tokenizer}). */
interface PreTokenizer {
    /** Receives the pieces in order; {@code atStart} is true for the one that begins the user's text. */
    interface Pieces {
        void piece(String text, int from, int to, boolean atStart);
    }

    /** Everything is one piece. */
    PreTokenizer NONE = (text, from, to, atStart, pieces) -> pieces.piece(text, from, to, atStart);

    /** Cuts {@code text[from, to)}, which is not empty; the pieces may be of another text where spaces are rewritten. */
    void split(String text, int from, int to, boolean atStart, Pieces pieces);

    /** Each piece of one is cut by the next. */
    record Chain(List<PreTokenizer> steps) implements PreTokenizer {
        @Override
        public void split(String text, int from, int to, boolean atStart, Pieces pieces) {
            step(0, text, from, to, atStart, pieces);
        }

        private void step(int step, String text, int from, int to, boolean atStart, Pieces pieces) {
            if (step == steps.size()) {
                pieces.piece(text, from, to, atStart);
            } else {
                steps.get(step).split(text, from, to, atStart, (t, f, e, first) -> step(step + 1, t, f, e, first, pieces));
            }
        }
    }

    /** Puts a space before a piece that has none ({@code ByteLevel} with {@code add_prefix_space}). */
    record PrefixSpace() implements PreTokenizer {
        @Override
        public void split(String text, int from, int to, boolean atStart, Pieces pieces) {
            if (text.charAt(from) == ' ') {
                pieces.piece(text, from, to, atStart);
            } else {
                pieces.piece(" " + text.substring(from, to), 0, to - from + 1, atStart);
            }
        }
    }

    /** {@code Metaspace}: spaces become {@code replacement}, one goes before the text, and a piece begins at each if {@code split}. */
    record Metaspace(char replacement, Prepend prepend, boolean split) implements PreTokenizer {
        /** Before which pieces a replacement goes that do not begin with one. */
        enum Prepend { ALWAYS, FIRST, NEVER }

        @Override
        public void split(String text, int from, int to, boolean atStart, Pieces pieces) {
            String marked = text.substring(from, to).replace(' ', replacement);
            boolean wanted = prepend == Prepend.ALWAYS || prepend == Prepend.FIRST && atStart;
            String piece = wanted && marked.charAt(0) != replacement ? replacement + marked : marked;
            if (!split) {
                pieces.piece(piece, 0, piece.length(), atStart);
                return;
            }
            int start = 0;
            for (int i = 1; i < piece.length(); i++) {
                if (piece.charAt(i) == replacement) {
                    pieces.piece(piece, start, i, atStart && start == 0);
                    start = i;
                }
            }
            pieces.piece(piece, start, piece.length(), atStart && start == 0);
        }
    }
}
