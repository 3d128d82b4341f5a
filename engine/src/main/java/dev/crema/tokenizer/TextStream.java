package dev.crema.tokenizer;

import java.util.Arrays;

/**
 * Turns tokens into text as they come: whole characters only, so the pieces put together are exactly {@link Tokenizer#decode} of all the
 * ids. Special tokens have no text here.
 */
public final class TextStream {
    private final Tokenizer tokenizer;
    private byte[] pending = new byte[64];
    private int length;
    private int spacesToDrop;

    public TextStream(Tokenizer tokenizer) {
        this(tokenizer, tokenizer.leadingSpaces());
    }

    /** A stream that drops {@code leadingSpaces} bytes of space first: 0 for a text that goes on from another. */
    public TextStream(Tokenizer tokenizer, int leadingSpaces) {
        this.tokenizer = tokenizer;
        this.spacesToDrop = leadingSpaces;
    }

    /** The characters that are complete with this token; may be empty. */
    public String append(int id) {
        if (tokenizer.isSpecial(id)) {
            return "";
        }
        byte[] bytes = tokenizer.bytes(id);
        int from = 0;
        while (spacesToDrop > 0 && from < bytes.length) {
            spacesToDrop = bytes[from] == ' ' ? spacesToDrop - 1 : 0;
            from += bytes[from] == ' ' ? 1 : 0;
            if (spacesToDrop == 0) {
                break;
            }
        }
        if (length + bytes.length > pending.length) {
            pending = Arrays.copyOf(pending, 2 * (length + bytes.length));
        }
        System.arraycopy(bytes, from, pending, length, bytes.length - from);
        length += bytes.length - from;
        return take(false);
    }

    /** What is left at the end: U+FFFD for a character that never was finished. */
    public String flush() {
        return take(true);
    }

    private String take(boolean end) {
        StringBuilder out = new StringBuilder();
        int taken = Utf8.decode(pending, length, end, out);
        System.arraycopy(pending, taken, pending, 0, length - taken);
        length -= taken;
        return out.toString();
    }
}
