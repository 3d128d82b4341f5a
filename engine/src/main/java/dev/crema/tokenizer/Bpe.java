package dev.crema.tokenizer;

/**
 * Byte-pair encoding by ranked merges (tokenizer.json's model {@code BPE}, GGUF's {@code gpt2}): over the bytes of a piece, or over its
 * characters where the vocabulary is written in plain text. What no token stands for becomes bytes ({@code <0x0A>}) or the unknown token.
 */
final class Bpe implements TokenModel, Merger.Rules {
    private static final int CACHED_PIECES = 4096;
    private static final int LONGEST_CACHED = 32;

    /** How symbols begin, beside the merges. Ids are -1 where there is no such token. */
    record Options(boolean byteLevel, boolean ignoreMerges, boolean byteFallback, int unknown, boolean fuseUnknown) { }

    private record Piece(String text, int[] ids) { }

    private final Vocabulary vocabulary;
    private final LongIntMap ranks;
    private final int[] merged;
    private final Options options;
    /** The token of each byte: its letter in the byte alphabet, or {@code <0x..>} for the fallback. */
    private final int[] byteIds = new int[256];
    /** Recently encoded pieces by hash. Threads may overwrite each other's entries, which are immutable: no harm but a miss. */
    private final Piece[] cache = new Piece[CACHED_PIECES];

    /** {@code ranks} has the pairs of ids in order of their merges, {@code merged} what each of them becomes. */
    Bpe(Vocabulary vocabulary, LongIntMap ranks, int[] merged, Options options) {
        this.vocabulary = vocabulary;
        this.ranks = ranks;
        this.merged = merged;
        this.options = options;
        for (int b = 0; b < 256; b++) {
            byteIds[b] = options.byteLevel ? vocabulary.id(String.valueOf(ByteAlphabet.spell(b))) : byteTokenId(vocabulary, b);
        }
    }

    /** The id of {@code <0x0A>} and the like, or -1. */
    static int byteTokenId(Vocabulary vocabulary, int b) {
        String hex = "0123456789ABCDEF";
        return vocabulary.id("<0x" + hex.charAt(b >> 4) + hex.charAt(b & 15) + ">");
    }

    @Override
    public void encode(String text, int from, int to, Merger merger, IntList out) {
        if (to - from > LONGEST_CACHED) {
            encodePiece(text, from, to, merger, out);
            return;
        }
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        int slot = hash * 0x9E3779B1 >>> 20;
        Piece piece = cache[slot];
        if (piece == null || piece.text.length() != to - from || !text.startsWith(piece.text, from)) {
            var ids = new IntList(8);
            encodePiece(text, from, to, merger, ids);
            piece = new Piece(text.substring(from, to), ids.toArray());
            cache[slot] = piece;
        }
        for (int id : piece.ids) {
            out.add(id);
        }
    }

    private void encodePiece(String text, int from, int to, Merger merger, IntList out) {
        if (options.ignoreMerges) {
            int whole = wholePiece(text, from, to);
            if (whole >= 0) {
                out.add(whole);
                return;
            }
        }
        merger.clear();
        addSymbols(text, from, to, merger);
        if (merger.count() == 0) {
            return;
        }
        merger.merge(this);
        for (int symbol = 0; symbol >= 0; symbol = merger.next(symbol)) {
            out.add(merger.id(symbol));
        }
    }

    private int wholePiece(String text, int from, int to) {
        if (!options.byteLevel) {
            return vocabulary.textId(text, from, to);
        }
        String spelled = ByteAlphabet.spell(Utf8.encode(text.substring(from, to)));
        return vocabulary.textId(spelled, 0, spelled.length());
    }

    private void addSymbols(String text, int from, int to, Merger merger) {
        byte[] bytes = new byte[4];
        boolean afterUnknown = false;
        for (int i = from, end; i < to; i = end) {
            int c = text.codePointAt(i);
            end = i + Character.charCount(c);
            int id = options.byteLevel ? -1 : vocabulary.textId(text, i, end);
            if (id >= 0) {
                merger.add(id, i);
                afterUnknown = false;
                continue;
            }
            int length = Utf8.write(c, bytes, 0);
            if (options.byteLevel || options.byteFallback && haveTokens(bytes, length)) {
                for (int k = 0; k < length; k++) {
                    int byteId = byteIds[bytes[k] & 0xFF];
                    afterUnknown = byteId < 0 ? addUnknown(merger, i, afterUnknown) : addByte(merger, byteId, i);
                }
            } else {
                afterUnknown = addUnknown(merger, i, afterUnknown);
            }
        }
    }

    private static boolean addByte(Merger merger, int id, int start) {
        merger.add(id, start);
        return false;
    }

    /** Several unknown characters are one token where the tokenizer fuses them; without unknown token they are dropped, as upstream. */
    private boolean addUnknown(Merger merger, int start, boolean afterUnknown) {
        if (options.unknown >= 0 && !(afterUnknown && options.fuseUnknown)) {
            merger.add(options.unknown, start);
        }
        return true;
    }

    private boolean haveTokens(byte[] bytes, int length) {
        for (int k = 0; k < length; k++) {
            if (byteIds[bytes[k] & 0xFF] < 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int candidate(Merger merger, int left, int right) {
        return ranks.get(LongIntMap.pair(merger.id(left), merger.id(right)));
    }

    @Override
    public int priority(int rank) {
        return rank;
    }

    @Override
    public int merged(int rank) {
        return merged[rank];
    }
}
