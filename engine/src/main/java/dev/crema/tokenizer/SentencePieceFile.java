package dev.crema.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * SentencePiece's own file ({@code tokenizer.model}: the message {@code ModelProto} of sentencepiece_model.proto), as far as it counts for encoding.
 * Pieces are numbered in order.
 */
final class SentencePieceFile {
    static final int UNIGRAM = 1;
    static final int BPE = 2;
    private static final int MOST_PIECES = 1 << 22;

    final String file;
    final String[] pieces;
    final float[] scores;
    /** As {@link Vocabulary} numbers them, which is as here. */
    final byte[] kinds;
    /** TrainerSpec. */
    int modelType = UNIGRAM;
    boolean spaceIsSuffix;
    String bosPiece = "<s>";
    String eosPiece = "</s>";
    /** NormalizerSpec. */
    byte[] charsmap = {};
    boolean addsPrefix = true;
    boolean removesSpaces = true;
    boolean escapesSpaces = true;
    int unknown = -1;

    private final List<String> pieceList = new ArrayList<>();
    private final IntList scoreBits = new IntList(1024);
    private final IntList kindList = new IntList(1024);

    /** {@code INVALID_CHECKPOINT} where the bytes are no such message; {@code file} is named by errors. */
    SentencePieceFile(String file, byte[] bytes) {
        this.file = file;
        var model = new ProtoReader(file, bytes);
        for (int field = model.next(); field != 0; field = model.next()) {
            switch (field) {
                case 1 -> piece(model.message());
                case 2 -> trainer(model.message());
                case 3 -> normalizer(model.message());
                default -> { }
            }
        }
        pieces = pieceList.toArray(new String[0]);
        scores = new float[pieces.length];
        kinds = new byte[pieces.length];
        for (int id = 0; id < pieces.length; id++) {
            scores[id] = Float.intBitsToFloat(scoreBits.get(id));
            kinds[id] = (byte) kindList.get(id);
        }
        check();
    }

    private void piece(ProtoReader message) {
        String piece = "";
        float score = 0;
        int kind = Vocabulary.NORMAL;
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 1 -> piece = message.string();
                case 2 -> score = message.float32();
                case 3 -> kind = message.integer();
                default -> { }
            }
        }
        int id = pieceList.size();
        if (id >= MOST_PIECES) {
            throw Fields.invalid(file + " has more than " + MOST_PIECES + " pieces.");
        }
        if (kind < Vocabulary.NORMAL || kind > Vocabulary.BYTE) {
            throw Fields.invalid(file + ": the type of piece " + id + " is " + kind + ", expected 1 to 6.");
        }
        if (Float.isNaN(score)) {
            throw Fields.invalid(file + ": the score of piece " + id + " is not a number.");
        }
        pieceList.add(piece);
        scoreBits.add(Float.floatToIntBits(score));
        kindList.add(kind);
    }

    private void trainer(ProtoReader message) {
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 3 -> modelType = message.integer();
                case 24 -> spaceIsSuffix = message.bool();
                case 46 -> bosPiece = message.string();
                case 47 -> eosPiece = message.string();
                default -> { }
            }
        }
    }

    private void normalizer(ProtoReader message) {
        for (int field = message.next(); field != 0; field = message.next()) {
            switch (field) {
                case 2 -> charsmap = message.bytes();
                case 3 -> addsPrefix = message.bool();
                case 4 -> removesSpaces = message.bool();
                case 5 -> escapesSpaces = message.bool();
                default -> { }
            }
        }
    }

    private void check() {
        if (pieces.length == 0) {
            throw Fields.invalid(file + " has no pieces.");
        }
        var vocabulary = new Vocabulary(pieces.clone(), kinds);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id].isEmpty()) {
                throw Fields.invalid(file + ": piece " + id + " is empty.");
            }
            if (vocabulary.id(pieces[id]) != id) {
                throw Fields.invalid(file + ": the piece \"" + pieces[id] + "\" has the ids " + id + " and " + vocabulary.id(pieces[id]) + ".");
            }
            if (kinds[id] == Vocabulary.BYTE && TokenText.byteValue(pieces[id]) < 0) {
                throw Fields.invalid(file + ": piece " + id + " is \"" + pieces[id] + "\", but of the type byte.");
            }
            unknown = kinds[id] == Vocabulary.UNKNOWN ? id : unknown;
        }
        if (unknown < 0) {
            throw Fields.invalid(file + " has no piece of the type unknown.");
        }
        if (modelType != UNIGRAM && modelType != BPE) {
            throw Fields.unsupported(file + ": trainer_spec.model_type", "is " + modelType + "; 1 (unigram) and 2 (BPE) are known");
        }
        if (spaceIsSuffix) {
            throw Fields.unsupported(file + ": trainer_spec.treat_whitespace_as_suffix", "is true");
        }
    }

    boolean hasBytes() {
        return contains(Vocabulary.BYTE);
    }

    private boolean contains(byte kind) {
        for (byte each : kinds) {
            if (each == kind) {
                return true;
            }
        }
        return false;
    }

    /** The scores with those of user-defined pieces as SentencePiece's unigram model has them: so good that such a piece is always taken. */
    float[] unigramScores() {
        float best = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < pieces.length; id++) {
            best = kinds[id] == Vocabulary.NORMAL ? Math.max(best, scores[id]) : best;
        }
        float[] result = Arrays.copyOf(scores, scores.length);
        for (int id = 0; id < pieces.length; id++) {
            if (kinds[id] == Vocabulary.USER_DEFINED) {
                result[id] = Utf8.encode(pieces[id]).length * best - 0.1f;
            }
        }
        return result;
    }
}
