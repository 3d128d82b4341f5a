package dev.crema.tokenizer;

/**
 * UTF-8, written out because the platforms differ in what they make of invalid text. Half a surrogate pair is encoded as U+FFFD. Decoding
 * may be fed in parts; invalid bytes become one U+FFFD for each maximal part of a character (Unicode, section 3.9; also WHATWG's rule).
 */
final class Utf8 {
    private static final char REPLACEMENT = '\uFFFD';

    private int codePoint;
    /** Continuation bytes that are missing. */
    private int needed;
    private int lowest = 0x80;
    private int highest = 0xBF;

    /** Decodes {@code bytes[from, to)}; the beginning of a character stays back until its end comes. */
    void decode(byte[] bytes, int from, int to, StringBuilder out) {
        for (int i = from; i < to; i++) {
            int b = bytes[i] & 0xFF;
            if (needed > 0 && (b < lowest || b > highest)) {
                flush(out);
            }
            if (needed == 0) {
                first(b, out);
                continue;
            }
            lowest = 0x80;
            highest = 0xBF;
            codePoint = codePoint << 6 | b & 0x3F;
            if (--needed == 0) {
                out.appendCodePoint(codePoint);
            }
        }
    }

    /** Ends the text: a character without its end becomes U+FFFD. */
    void flush(StringBuilder out) {
        if (needed > 0) {
            out.append(REPLACEMENT);
        }
        needed = 0;
        lowest = 0x80;
        highest = 0xBF;
    }

    private void first(int b, StringBuilder out) {
        if (b < 0x80) {
            out.append((char) b);
        } else if (b < 0xC2 || b > 0xF4) {
            out.append(REPLACEMENT);
        } else {
            needed = b < 0xE0 ? 1 : b < 0xF0 ? 2 : 3;
            codePoint = b & 0x3F >> needed;
            // No overlong forms, no surrogates, nothing above U+10FFFF.
            lowest = b == 0xE0 ? 0xA0 : b == 0xF0 ? 0x90 : 0x80;
            highest = b == 0xED ? 0x9F : b == 0xF4 ? 0x8F : 0xBF;
        }
    }

    static byte[] encode(String text) {
        byte[] bytes = new byte[length(text)];
        int at = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePointAt(i);
            if (c > 0xFFFF) {
                i++;
            }
            at = write(c, bytes, at);
        }
        return bytes;
    }

    private static int length(String text) {
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a pair counts two of its four bytes; a lone half is written as three.
            boolean paired = Character.isSurrogate(c) && isPaired(text, i);
            length += c < 0x80 ? 1 : c < 0x800 || paired ? 2 : 3;
        }
        return length;
    }

    /** Writes one character at {@code at} and returns the place after it; there must be room for four bytes or what it takes. */
    static int write(int codePoint, byte[] out, int at) {
        int c = codePoint >= 0xD800 && codePoint < 0xE000 ? REPLACEMENT : codePoint;
        if (c < 0x80) {
            out[at] = (byte) c;
            return at + 1;
        }
        int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        out[at] = (byte) (0xFF << 7 - more | c >> 6 * more);
        for (int i = 1; i <= more; i++) {
            out[at + i] = (byte) (0x80 | c >> 6 * (more - i) & 0x3F);
        }
        return at + more + 1;
    }

    /** The text with U+FFFD for every half of a surrogate pair, as its UTF-8 has it. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && !isPaired(text, i)) {
                var out = new StringBuilder(text);
                for (int k = i; k < out.length(); k++) {
                    if (Character.isSurrogate(text.charAt(k)) && !isPaired(text, k)) {
                        out.setCharAt(k, REPLACEMENT);
                    }
                }
                return out.toString();
            }
        }
        return text;
    }

    private static boolean isPaired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
            ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
            : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
