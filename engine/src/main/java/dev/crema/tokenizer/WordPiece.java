package dev.crema.tokenizer;

/**
 * BERT's word pieces (arXiv 1609.08144): a word is cut into the longest token that it begins with, and so on; a word that can't be cut up so, or is too
 * long, becomes the unknown token. {@code first} marks tokens that begin a word, {@code other} those that go on with one: {@code ""} and {@code "##"}
 * in tokenizer.json, {@code "▁"} and {@code ""} in GGUF.
 */
final class WordPiece implements TokenModel {
    private final Vocabulary vocabulary;
    private final String first;
    private final String other;
    private final int unknown;
    private final int maxCharacters;

    WordPiece(Vocabulary vocabulary, String first, String other, int unknown, int maxCharacters) {
        this.vocabulary = vocabulary;
        this.first = first;
        this.other = other;
        this.unknown = unknown;
        this.maxCharacters = maxCharacters;
    }

    @Override
    public void encode(String text, int from, int to, Merger merger, IntList out) {
        if (text.codePointCount(from, to) > maxCharacters) {
            out.add(unknown);
            return;
        }
        var pieces = new IntList(8);
        for (int at = from; at < to;) {
            int end = farthest(text, at, to);
            int id = -1;
            while (end > at && id < 0) {
                id = vocabulary.id((at == from ? first : other) + text.substring(at, end));
                end -= id < 0 ? Character.charCount(text.codePointBefore(end)) : 0;
            }
            if (id < 0) {
                out.add(unknown);
                return;
            }
            pieces.add(id);
            at = end;
        }
        for (int i = 0; i < pieces.size(); i++) {
            out.add(pieces.get(i));
        }
    }

    /** Where the longest token there is would end: looking further makes the time quadratic. */
    private int farthest(String text, int at, int to) {
        int end = Math.min(to, at + vocabulary.longest());
        return end < to && Character.isLowSurrogate(text.charAt(end)) && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end;
    }
}
