package dev.crema.grammar;

/** Cuts sets of code points into sequences of byte ranges: what UTF-8 spells them as. Surrogates have no spelling and are left out. */
final class Utf8Ranges {
    /** Receives one sequence: the lowest and the highest byte at each place. */
    interface Sink {
        void sequence(int[] from, int[] to);
    }

    private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, CharSet.MAX};

    private Utf8Ranges() { }

    static void split(CharSet set, Sink sink) {
        CharSet spelled = set.minus(CharSet.range(0xD800, 0xDFFF));
        for (int i = 0; i < spelled.ranges(); i++) {
            int from = spelled.from(i);
            for (int last : LAST_OF_LENGTH) {
                if (from <= last && from <= spelled.to(i)) {
                    cut(from, Math.min(last, spelled.to(i)), sink);
                    from = Math.min(last, spelled.to(i)) + 1;
                }
            }
        }
    }

    /** A range of characters of equal length, cut until each byte but the first ones that are equal runs through all of its values or is the last. */
    private static void cut(int from, int to, Sink sink) {
        int length = length(from);
        for (int i = 1; i < length; i++) {
            int mask = (1 << 6 * i) - 1;
            if ((from & ~mask) != (to & ~mask)) {
                if ((from & mask) != 0) {
                    cut(from, from | mask, sink);
                    cut((from | mask) + 1, to, sink);
                    return;
                }
                if ((to & mask) != mask) {
                    cut(from, (to & ~mask) - 1, sink);
                    cut(to & ~mask, to, sink);
                    return;
                }
            }
        }
        sink.sequence(encode(from, length), encode(to, length));
    }

    private static int length(int codePoint) {
        return codePoint <= 0x7F ? 1 : codePoint <= 0x7FF ? 2 : codePoint <= 0xFFFF ? 3 : 4;
    }

    static int[] encode(int codePoint) {
        return encode(codePoint, length(codePoint));
    }

    private static int[] encode(int codePoint, int length) {
        if (length == 1) {
            return new int[] {codePoint};
        }
        int[] bytes = new int[length];
        for (int i = length - 1; i > 0; i--) {
            bytes[i] = 0x80 | codePoint & 0x3F;
            codePoint >>= 6;
        }
        bytes[0] = 0xF0 << 4 - length & 0xFF | codePoint;
        return bytes;
    }
}
