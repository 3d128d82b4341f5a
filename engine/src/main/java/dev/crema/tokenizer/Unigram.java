package dev.crema.tokenizer;

import java.util.Arrays;

/**
 * SentencePiece's unigram model (arXiv 1804.10959): of all ways to cut a text into tokens the one whose scores (log probabilities) have the largest sum.
 * A character without a token is the unknown token, ten worse than the worst score, and neighbours of that kind are one; or it is its bytes. Linear
 * in the text, times the longest token.
 */
final class Unigram implements TokenModel {
    private static final double UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final float[] scores;
    private final int unknown;
    private final boolean bytes;
    private final boolean unused;
    private final double unknownScore;
    /** All tokens that are text, by their characters. */
    private final Trie trie;

    /** {@code unknown} is -1 where every byte has a token and {@code bytes} is true. */
    Unigram(Vocabulary vocabulary, float[] scores, int unknown, boolean bytes) {
        this(vocabulary, scores, unknown, bytes, true);
    }

    /** {@code unused}: whether pieces that are marked as unused are made of text, as llama.cpp does and SentencePiece does not. */
    Unigram(Vocabulary vocabulary, float[] scores, int unknown, boolean bytes, boolean unused) {
        this.unused = unused;
        this.vocabulary = vocabulary;
        this.scores = scores;
        this.unknown = unknown;
        this.bytes = bytes;
        int characters = 0;
        double worst = 0;
        for (int id = 0; id < scores.length; id++) {
            if (isText(id)) {
                characters += vocabulary.token(id).length();
            }
            if (vocabulary.kind(id) == Vocabulary.NORMAL) {
                worst = Math.min(worst, scores[id]);
            }
        }
        unknownScore = worst - UNKNOWN_PENALTY;
        trie = new Trie(characters);
        for (int id = 0; id < scores.length; id++) {
            if (isText(id)) {
                put(vocabulary.token(id), id);
            }
        }
    }

    private boolean isText(int id) {
        byte kind = vocabulary.kind(id);
        return (kind == Vocabulary.NORMAL || kind == Vocabulary.USER_DEFINED || unused && kind == Vocabulary.UNUSED) && !vocabulary.token(id).isEmpty();
    }

    private void put(String token, int id) {
        int node = Trie.ROOT;
        for (int i = 0; i < token.length(); i++) {
            node = trie.grow(node, token.charAt(i));
        }
        trie.end(node, id);
    }

    @Override
    public void encode(String text, int from, int to, Merger merger, IntList out) {
        int length = to - from;
        double[] best = new double[length + 1];
        int[] tokens = new int[length + 1];
        int[] starts = new int[length + 1];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        best[0] = 0;
        for (int at = 0; at < length;) {
            int next = at + Character.charCount(text.codePointAt(from + at));
            boolean alone = false;
            int node = Trie.ROOT;
            for (int end = at; end < length && node >= 0;) {
                node = trie.child(node, text.charAt(from + end++));
                int id = node < 0 ? -1 : trie.token(node);
                if (id >= 0) {
                    alone |= end == next;
                    relax(best, tokens, starts, at, end, id, scores[id]);
                }
            }
            if (!alone) {
                relax(best, tokens, starts, at, next, -1, unknownScore);
            }
            at = next;
        }
        emit(text, from, length, tokens, starts, out);
    }

    private static void relax(double[] best, int[] tokens, int[] starts, int from, int to, int id, double score) {
        if (best[from] + score > best[to]) {
            best[to] = best[from] + score;
            tokens[to] = id;
            starts[to] = from;
        }
    }

    private void emit(String text, int from, int length, int[] tokens, int[] starts, IntList out) {
        var cuts = new IntList(16);
        for (int end = length; end > 0; end = starts[end]) {
            cuts.add(end);
        }
        boolean afterUnknown = false;
        for (int i = cuts.size() - 1; i >= 0; i--) {
            int end = cuts.get(i);
            if (tokens[end] >= 0) {
                out.add(tokens[end]);
            } else if (!bytes || !addBytes(text, from + starts[end], out)) {
                if (!afterUnknown) {
                    out.add(unknown);
                }
            }
            afterUnknown = tokens[end] < 0;
        }
    }

    private boolean addBytes(String text, int at, IntList out) {
        byte[] buffer = new byte[4];
        int count = Utf8.write(text.codePointAt(at), buffer, 0);
        for (int i = 0; i < count; i++) {
            if (Bpe.byteTokenId(vocabulary, buffer[i] & 0xFF) < 0) {
                return false;
            }
        }
        for (int i = 0; i < count; i++) {
            out.add(Bpe.byteTokenId(vocabulary, buffer[i] & 0xFF));
        }
        return true;
    }
}
