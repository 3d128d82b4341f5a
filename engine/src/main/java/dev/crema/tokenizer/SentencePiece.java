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
    private final AddedTokens symbols;

    /** As {@link #SentencePiece(Vocabulary, float[], int, AddedTokens)} for GGUF, where user-defined symbols were cut out of the text before. */
    SentencePiece(Vocabulary vocabulary, float[] scores, int unknown) {
        this(vocabulary, scores, unknown, null);
    }

    /**
     * @param scores  one for each token, none of them NaN
     * @param unknown the token of what has no other, or -1 where each byte has a token
     * @param symbols user-defined pieces, which are taken first and merge with nothing; or null. Where they are given it is all as the SentencePiece
     *                library has it: unknown neighbours are one, and a piece that is unused is the two that it was made of
     */
    SentencePiece(Vocabulary vocabulary, float[] scores, int unknown, AddedTokens symbols) {
        this.vocabulary = vocabulary;
        this.unknown = unknown;
        this.symbols = symbols;
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
        encode(text, from, to, merger, out, -1);
    }

    /** {@code banned} is a piece that nothing merges into, or -1. */
    private void encode(String text, int from, int to, Merger merger, IntList out, int banned) {
        merger.clear();
        for (int i = from, end; i < to; i = end) {
            long symbol = symbols == null ? -1 : symbols.longest(text, i);
            end = symbol >= 0 ? (int) (symbol >>> 32) : i + Character.charCount(text.codePointAt(i));
            merger.add(vocabulary.textId(text, i, end), i);
        }
        if (merger.count() == 0) {
            return;
        }
        merger.merge(new Scores(text, to, banned));
        byte[] bytes = new byte[4];
        boolean afterUnknown = false;
        for (int symbol = 0; symbol >= 0; symbol = merger.next(symbol)) {
            int id = merger.id(symbol);
            if (id < 0) {
                afterUnknown = addBytes(bytes, Utf8.write(text.codePointAt(merger.start(symbol)), bytes, 0), afterUnknown, out);
                continue;
            }
            afterUnknown = false;
            int start = merger.start(symbol);
            int end = merger.end(symbol, to);
            if (symbols != null && vocabulary.kind(id) == Vocabulary.UNUSED && text.codePointCount(start, end) > 1) {
                encode(text, start, end, new Merger(), out, id);
            } else {
                out.add(id);
            }
        }
    }

    /** Whether the character was unknown. */
    private boolean addBytes(byte[] bytes, int length, boolean afterUnknown, IntList out) {
        for (int k = 0; k < length; k++) {
            if (byteIds[bytes[k] & 0xFF] < 0) {
                if (!afterUnknown || symbols == null) {
                    out.add(unknown);
                }
                return true;
            }
        }
        for (int k = 0; k < length; k++) {
            out.add(byteIds[bytes[k] & 0xFF]);
        }
        return false;
    }

    private final class Scores implements Merger.Rules {
        private final String text;
        private final int textEnd;
        private final int banned;

        Scores(String text, int textEnd, int banned) {
            this.text = text;
            this.textEnd = textEnd;
            this.banned = banned;
        }

        @Override
        public int candidate(Merger merger, int left, int right) {
            if (symbols != null && (isSymbol(merger.id(left)) || isSymbol(merger.id(right)))) {
                return -1;
            }
            int id = vocabulary.textId(text, merger.start(left), merger.end(right, textEnd));
            return id == banned ? -1 : id;
        }

        private boolean isSymbol(int id) {
            return vocabulary.kind(id) == Vocabulary.USER_DEFINED;
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
