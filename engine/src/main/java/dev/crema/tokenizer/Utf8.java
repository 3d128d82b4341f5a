package dev.crema.tokenizer;

/**
 * UTF-8 to text with U+FFFD for what is none, one for each maximal part of a character as Unicode recommends (and as the JDK
 * and {@code TextDecoder} do). Our own, because a stream must know where an unfinished character begins.
 */
final class Utf8 {
    private Utf8() { }

    /**
     * Appends the characters of {@code bytes[0..length)} to {@code out} and returns how many bytes they took. Unless {@code end} is true, a
     * beginning of a character at the end of the bytes is left alone.
     */
    static int decode(byte[] bytes, int length, boolean end, StringBuilder out) {
        int at = 0;
        while (at < length) {
            int lead = bytes[at] & 255;
            if (lead < 0x80) {
                out.append((char) lead);
                at++;
                continue;
            }
            int size = lead >= 0xc2 && lead <= 0xdf ? 2 : lead >= 0xe0 && lead <= 0xef ? 3 : lead >= 0xf0 && lead <= 0xf4 ? 4 : 1;
            int valid = 1;
            while (valid < size && at + valid < length && continues(lead, valid, bytes[at + valid] & 255)) {
                valid++;
            }
            if (valid < size && at + valid == length && !end) {
                return at;
            }
            if (size == 1 || valid < size) {
                out.append('\uFFFD');
            } else {
                append(bytes, at, size, out);
            }
            at += valid;
        }
        return at;
    }

    /** Whether {@code next} may stand at {@code index} of a character that starts with {@code lead} (Unicode 16, table 3-7). */
    private static boolean continues(int lead, int index, int next) {
        int low = index > 1 ? 0x80 : lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int high = index > 1 ? 0xbf : lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        return next >= low && next <= high;
    }

    private static void append(byte[] bytes, int at, int size, StringBuilder out) {
        int code = bytes[at] & 0xff >> size + 1;
        for (int i = 1; i < size; i++) {
            code = code << 6 | bytes[at + i] & 0x3f;
        }
        out.appendCodePoint(code);
    }
}
