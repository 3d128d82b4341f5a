package dev.crema.tokenizer;

import java.util.Arrays;

/**
 * SentencePiece's byte-pair encoding as GGUF's {@code llama} stores it: no list of merges, any two neighbours merge whose text is a token,
 * that of the highest score first. Characters without token become bytes ({@code <0x0A>}). Spaces are {@code ▁} here already.
 */
final class SentencePiece implements TokenModel {
    private final Vocabulary vocabulary;
    private final int[] priorities;
    private final int[] byteIds = new int[256];
    private final int unknown;

    /**
     * @param scores  one for each token, none of them NaN
     * @param unknown the token of what has no other, or -1 where each byte has a token
     */
    SentencePiece(Vocabulary vocabulary, float[] scores, int unknown) {
        this.vocabulary = vocabulary;
        this.unknown = unknown;
        priorities = priorities(scores);
        for (int b = 0; b < 256; b++) {
            byteIds[b] = Bpe.byteTokenId(vocabulary, b);
        }
    }

    /** The place of each score among the different ones, highest first. */
    private static int[] priorities(float[] scores) {
        float[] sorted = new float[scores.length];
        for (int id = 0; id < scores.length; id++) {
            sorted[id] = scores[id] + 0f; // -0 is 0
        }
        int[] priorities = new int[scores.length];
        float[] all = sorted.clone();
        Arrays.sort(sorted);
        int count = 0;
        for (float score : sorted) {
            if (count == 0 || sorted[count - 1] != score) {
                sorted[count++] = score;
            }
        }
        for (int id = 0; id < scores.length; id++) {
            priorities[id] = count - 1 - Arrays.binarySearch(sorted, 0, count, all[id]);
        }
        return priorities;
    }

    @Override
    public void encode(String text, int from, int to, Merger merger, IntList out) {
        merger.clear();
        for (int i = from, end; i < to; i = end) {
            end = i + Character.charCount(text.codePointAt(i));
            merger.add(vocabulary.textId(text, i, end), i);
        }
        if (merger.count() == 0) {
            return;
        }
        merger.merge(new Scores(text, to));
        byte[] bytes = new byte[4];
        for (int symbol = 0; symbol >= 0; symbol = merger.next(symbol)) {
            if (merger.id(symbol) >= 0) {
                out.add(merger.id(symbol));
                continue;
            }
            addBytes(bytes, Utf8.write(text.codePointAt(merger.start(symbol)), bytes, 0), out);
        }
    }

    private void addBytes(byte[] bytes, int length, IntList out) {
        for (int k = 0; k < length; k++) {
            if (byteIds[bytes[k] & 0xFF] < 0) {
                out.add(unknown);
                return;
            }
        }
        for (int k = 0; k < length; k++) {
            out.add(byteIds[bytes[k] & 0xFF]);
        }
    }

    private final class Scores implements Merger.Rules {
        private final String text;
        private final int textEnd;

        Scores(String text, int textEnd) {
            this.text = text;
            this.textEnd = textEnd;
        }

        @Override
        public int candidate(Merger merger, int left, int right) {
            return vocabulary.textId(text, merger.start(left), merger.end(right, textEnd));
        }

        @Override
        public int priority(int id) {
            return priorities[id];
        }

        @Override
        public int merged(int id) {
            return id;
        }
    }
}
