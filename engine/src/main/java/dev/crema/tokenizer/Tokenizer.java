package dev.crema.tokenizer;

/** Text to token ids and back. Immutable and safe to share. */
public interface Tokenizer {
    /** How {@link #encode} reads text. */
    enum Special {
        /** The text of a special token is that token: for rendered chat templates. */
        PARSE,
        /** The text of a special token is plain text: for what users type. */
        TEXT
    }

    /** Ids of {@code text}, without begin or end tokens. */
    int[] encode(String text, Special special);

    /** Bytes that the token stands for (UTF-8, possibly part of a character); special tokens give their text, ids without token nothing. */
    byte[] bytes(int id);

    /** Whether the token is a control token that is not shown as text. */
    boolean isSpecial(int id);

    /** Text of the ids with the tokenizer's own cleanup (a leading space of SentencePiece is dropped), special tokens included or not. */
    String decode(int[] ids, boolean withSpecial);

    /**
     * The bytes to drop from the start of a decoded text: 1 where the tokenizer puts a space before every text, else 0. A
     * {@code TextStream} needs it to stream what {@link #decode} returns whole.
     */
    int leadingSpaces();

    /** The id of exactly this token, or -1. */
    int id(String token);

    /** The token as it is spelled in the vocabulary; empty for an id without token. */
    String token(int id);

    int vocabSize();

    /** Begin-of-text token, or -1. */
    int bos();

    /** End-of-text token, or -1. Further end tokens come from the generation config. */
    int eos();

    /** Whether {@link #bos} goes before a prompt that does not have it yet. */
    boolean addsBos();

    /** The token that goes after a text that is computed whole, as encoders' [SEP] does, or -1. */
    default int suffix() {
        return -1;
    }
}
