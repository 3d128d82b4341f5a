package dev.crema.tokenizer;

/** RFC 4648's base64, padded or not; other characters are errors. */
final class Base64 {
    private Base64() { }

    static byte[] decode(String text) {
        int length = text.length();
        while (length > 0 && text.charAt(length - 1) == '=') {
            length--;
        }
        byte[] bytes = new byte[(int) (length * 3L / 4)];
        int bits = 0;
        int held = 0;
        int at = 0;
        for (int i = 0; i < length; i++) {
            bits = bits << 6 | digit(text.charAt(i));
            held += 6;
            if (held >= 8 && at < bytes.length) {
                held -= 8;
                bytes[at++] = (byte) (bits >> held);
            }
        }
        return bytes;
    }

    private static int digit(char c) {
        int digit = c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ? c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 : c == '+' ? 62
            : c == '/' ? 63 : -1;
        if (digit < 0) {
            throw Fields.invalid("The tokenizer's base64 has the character U+" + Integer.toHexString(c) + ".");
        }
        return digit;
    }
}
