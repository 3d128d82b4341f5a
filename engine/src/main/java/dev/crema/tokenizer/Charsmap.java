package dev.crema.tokenizer;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's compiled normalisation rules ({@code precompiled_charsmap}): of all rules that fit at a place the longest is applied. Four bytes say how
 * long the trie is (a double array as of darts-clone), the trie follows, then what texts become, each ended by a zero byte.
 */
final class Charsmap implements Normalizer {
    private final int[] units;
    private final byte[] replacements;

    /** {@code INVALID_CHECKPOINT} where the parts do not fit together. */
    Charsmap(byte[] blob) {
        long size = blob.length < 4 ? -1 : word(blob, 0) & 0xFFFFFFFFL;
        if (size < 4 || size % 4 != 0 || size > blob.length - 4) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The tokenizer's precompiled_charsmap has " + blob.length + " bytes and claims a trie of " + size
                + ".", "The file may be damaged.");
        }
        units = new int[(int) size / 4];
        for (int i = 0; i < units.length; i++) {
            units[i] = word(blob, 4 + 4 * i);
        }
        replacements = new byte[blob.length - 4 - (int) size];
        System.arraycopy(blob, 4 + (int) size, replacements, 0, replacements.length);
    }

    private static int word(byte[] bytes, int at) {
        return bytes[at] & 0xFF | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF) << 16 | (bytes[at + 3] & 0xFF) << 24;
    }

    @Override
    public String normalize(String text) {
        byte[] in = Utf8.encode(text);
        var out = new IntList(in.length + 16);
        for (int at = 0; at < in.length;) {
            long match = longest(in, at);
            if (match >= 0) {
                for (int i = (int) match; i < replacements.length && replacements[i] != 0; i++) {
                    out.add(replacements[i]);
                }
                at = (int) (match >>> 32);
                continue;
            }
            do {
                out.add(in[at++]);
            } while (at < in.length && (in[at] & 0xC0) == 0x80);
        }
        byte[] bytes = new byte[out.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) out.get(i);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Where the longest rule that fits at {@code from} ends (upper half) and where its replacement begins, or -1. */
    long longest(byte[] text, int from) {
        long match = -1;
        int node = offset(units[0]);
        for (int i = from; i < text.length; i++) {
            node ^= text[i] & 0xFF;
            if (node < 0 || node >= units.length || (units[node] & 0x800000FF) != (text[i] & 0xFF)) {
                break;
            }
            int unit = units[node];
            node ^= offset(unit);
            if ((unit >>> 8 & 1) == 1) {
                if (node < 0 || node >= units.length) {
                    break;
                }
                match = (long) (i + 1) << 32 | units[node] & 0x7FFFFFFF;
            }
        }
        return match;
    }

    /** The text that begins at a place among the replacements. */
    String replacement(int from) {
        int end = from;
        while (end < replacements.length && replacements[end] != 0) {
            end++;
        }
        return from >= end ? "" : new String(replacements, from, end - from, StandardCharsets.UTF_8);
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
