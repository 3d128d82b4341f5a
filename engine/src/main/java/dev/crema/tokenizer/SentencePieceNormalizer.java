package dev.crema.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * What SentencePiece does to a text before it cuts it: at each place a user-defined symbol stays as it is, else the longest rule of the charsmap is
 * applied; spaces are dropped at the ends and where they repeat, if {@code removesSpaces}; one goes before the text, if {@code addsPrefix}.
 *
 * @param charsmap null where texts are left as they are
 * @param space    what a space becomes
 */
record SentencePieceNormalizer(Charsmap charsmap, AddedTokens symbols, boolean addsPrefix, boolean removesSpaces, char space) implements Normalizer {
    @Override
    public String normalize(String text) {
        var cursor = new Cursor(text);
        String piece = cursor.next();
        while (removesSpaces && " ".equals(piece)) {
            piece = cursor.next();
        }
        if (piece == null) {
            return "";
        }
        var out = new StringBuilder(text.length() + 16);
        if (addsPrefix) {
            out.append(space);
        }
        boolean afterSpace = removesSpaces;
        for (; piece != null; piece = cursor.next()) {
            int from = 0;
            while (afterSpace && from < piece.length() && piece.charAt(from) == ' ') {
                from++;
            }
            if (from < piece.length()) {
                out.append(piece.substring(from).replace(' ', space));
                afterSpace = removesSpaces && piece.charAt(piece.length() - 1) == ' ';
            }
        }
        int end = out.length();
        while (removesSpaces && end > 0 && out.charAt(end - 1) == space) {
            end--;
        }
        return out.substring(0, end);
    }

    /** Goes through a text rule by rule; the bytes of the text are what rules are written in. */
    private final class Cursor {
        private final String text;
        private final byte[] bytes;
        private int at;
        private int byteAt;

        Cursor(String text) {
            this.text = text;
            bytes = charsmap == null ? null : Utf8.encode(text);
        }

        /** What the next characters become, or null at the end. */
        String next() {
            if (at == text.length()) {
                return null;
            }
            long symbol = symbols.longest(text, at);
            if (symbol >= 0) {
                int from = at;
                skipTo((int) (symbol >>> 32));
                return text.substring(from, at);
            }
            long rule = charsmap == null ? -1 : charsmap.longest(bytes, byteAt);
            int from = at;
            if (rule < 0) {
                skipTo(at + Character.charCount(text.codePointAt(at)));
                return text.substring(from, at);
            }
            int byteEnd = (int) (rule >>> 32);
            while (byteAt < byteEnd) {
                skipTo(at + Character.charCount(text.codePointAt(at)));
            }
            return charsmap.replacement((int) rule);
        }

        private void skipTo(int end) {
            while (at < end) {
                int c = text.codePointAt(at);
                at += Character.charCount(c);
                byteAt += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            }
        }
    }
}
