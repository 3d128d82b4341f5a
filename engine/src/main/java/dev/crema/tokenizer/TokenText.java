package dev.crema.tokenizer;

import java.util.List;

/**
 * How tokens become text again (tokenizer.json's {@code decoder}).
 *
 * @param byteLevel    tokens are written in the byte alphabet
 * @param replacements of token text, in order ({@code ▁} becomes a space); control tokens stay as they are
 * @param leadingSpaces what is dropped at the start of a text
 */
record TokenText(boolean byteLevel, List<Normalizer> replacements, int leadingSpaces) {
    private static final byte[] NOTHING = {};

    byte[] bytes(Vocabulary vocabulary, int id) {
        byte kind = vocabulary.kind(id);
        if (kind == Vocabulary.NONE) {
            return NOTHING;
        }
        String token = vocabulary.token(id);
        if (kind == Vocabulary.BYTE) {
            return new byte[] {(byte) byteValue(token)};
        }
        boolean text = kind == Vocabulary.NORMAL || kind == Vocabulary.UNUSED;
        if (byteLevel) {
            return text ? ByteAlphabet.read(token) : Utf8.encode(token);
        }
        if (text || kind == Vocabulary.USER_DEFINED) {
            for (Normalizer replacement : replacements) {
                token = replacement.normalize(token);
            }
        }
        return Utf8.encode(token);
    }

    /** The byte that {@code <0x0A>} spells, or -1. */
    static int byteValue(String token) {
        if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
            return -1;
        }
        int high = Character.digit(token.charAt(3), 16);
        int low = Character.digit(token.charAt(4), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }
}
