package dev.crema.tokenizer;

/**
 * GPT-2's spelling of bytes as visible characters, in which byte-level vocabularies are written: printable bytes of Latin-1 stand for
 * themselves, the other 68 for U+0100 and following (a space is {@code Ġ}).
 */
final class ByteAlphabet {
    private static final char[] CHARS = new char[256];
    /** Byte + 1 of a character below U+0144; 0 where it spells none. */
    private static final short[] BYTES = new short[0x144];

    static {
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            CHARS[b] = (char) (printable ? b : next++);
            BYTES[CHARS[b]] = (short) (b + 1);
        }
    }

    private ByteAlphabet() { }

    static char spell(int b) {
        return CHARS[b & 0xFF];
    }

    /** The UTF-8 of a text, spelled. */
    static String spell(byte[] bytes) {
        var out = new StringBuilder(bytes.length);
        for (byte b : bytes) {
            out.append(spell(b));
        }
        return out.toString();
    }

    /** The bytes of a spelled token; a token with a character outside of the alphabet is plain text (as in Hugging Face's decoder). */
    static byte[] read(String token) {
        byte[] bytes = new byte[token.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = token.charAt(i);
            if (c >= BYTES.length || BYTES[c] == 0) {
                return Utf8.encode(token);
            }
            bytes[i] = (byte) (BYTES[c] - 1);
        }
        return bytes;
    }
}
