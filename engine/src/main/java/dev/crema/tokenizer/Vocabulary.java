package dev.crema.tokenizer;

/**
 * Tokens by id and ids by token. The table from text to id is an open-addressing one that also finds a part of a text without cutting
 * it out: no boxing, no substrings.
 */
final class Vocabulary {
    /** What a token is; the numbers are GGUF's token types. {@code NONE} marks an id that no token has. */
    static final byte NONE = 0;
    static final byte NORMAL = 1;
    static final byte UNKNOWN = 2;
    static final byte CONTROL = 3;
    static final byte USER_DEFINED = 4;
    static final byte UNUSED = 5;
    static final byte BYTE = 6;

    private final String[] tokens;
    private final byte[] kinds;
    /** Id + 1; 0 is a free slot. */
    private final int[] slots;
    private final int longest;

    /** Takes both arrays over. An id without token is null. Of equal tokens the last one is found, as in llama.cpp. */
    Vocabulary(String[] tokens, byte[] kinds) {
        this.tokens = tokens;
        this.kinds = kinds;
        int capacity = 16;
        while (capacity < tokens.length + (tokens.length >> 1)) {
            capacity <<= 1;
        }
        slots = new int[capacity];
        int max = 0;
        for (int id = 0; id < tokens.length; id++) {
            if (tokens[id] != null) {
                slots[slot(tokens[id], 0, tokens[id].length(), "", 0)] = id + 1;
                max = Math.max(max, tokens[id].length());
            }
        }
        longest = max;
    }

    int size() {
        return tokens.length;
    }

    /** Characters of the longest token. */
    int longest() {
        return longest;
    }

    /** The token, or null. */
    String token(int id) {
        return id >= 0 && id < tokens.length ? tokens[id] : null;
    }

    byte kind(int id) {
        return id >= 0 && id < tokens.length ? kinds[id] : NONE;
    }

    /** The id of a token, or -1. */
    int id(String token) {
        return id(token, 0, token.length());
    }

    /** The id of the token that {@code text[from, to)} is, or -1. */
    int id(String text, int from, int to) {
        return to - from > longest ? -1 : slots[slot(text, from, to, "", 0)] - 1;
    }

    /** As {@link #id(String, int, int)}, but only tokens that text may become: control tokens and bytes are never made of text. */
    int textId(String text, int from, int to) {
        int id = id(text, from, to);
        byte kind = kind(id);
        return kind == NORMAL || kind == USER_DEFINED || kind == UNUSED ? id : -1;
    }

    /** The id of the token {@code left[0, leftEnd) + right[rightStart, end)}, or -1. */
    int joinedId(String left, int leftEnd, String right, int rightStart) {
        return slots[slot(left, 0, leftEnd, right, rightStart)] - 1;
    }

    /** The slot of the token {@code text[from, to) + suffix[start, end)}, or the free one where it belongs. */
    private int slot(String text, int from, int to, String suffix, int start) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text.charAt(i);
        }
        for (int i = start; i < suffix.length(); i++) {
            hash = 31 * hash + suffix.charAt(i);
        }
        int mask = slots.length - 1;
        int slot = hash * 0x9E3779B1 >>> 7 & mask;
        while (slots[slot] != 0 && !equal(tokens[slots[slot] - 1], text, from, to, suffix, start)) {
            slot = slot + 1 & mask;
        }
        return slot;
    }

    private static boolean equal(String token, String text, int from, int to, String suffix, int start) {
        int length = to - from;
        int rest = suffix.length() - start;
        return token.length() == length + rest && token.regionMatches(0, text, from, length) && token.regionMatches(length, suffix, start, rest);
    }
}
