package dev.crema.tokenizer;

import java.util.Set;

/**
 * Turns tokens into text as they come, whole characters only: bytes of a character that is not complete stay back, bytes that are none
 * become U+FFFD. All that it returns, put together, is what {@link Tokenizer#decode} returns.
 */
public final class TextStream {
    private final Tokenizer tokenizer;
    private final boolean withSpecial;
    /** Special tokens that give their text in any case. */
    private final Set<Integer> shown;
    private final Utf8 utf8 = new Utf8();
    /** Spaces that are still to be dropped, as long as nothing else has come. */
    private int dropSpaces;

    /** Without special tokens. */
    public TextStream(Tokenizer tokenizer) {
        this(tokenizer, false);
    }

    /** {@code withSpecial} also gives the text of special tokens. */
    public TextStream(Tokenizer tokenizer, boolean withSpecial) {
        this(tokenizer, withSpecial, Set.of(), tokenizer.leadingSpaces());
    }

    /** Without special tokens; drops {@code leadingSpaces} spaces first: 0 for a text that goes on from another. */
    public TextStream(Tokenizer tokenizer, int leadingSpaces) {
        this(tokenizer, false, Set.of(), leadingSpaces);
    }

    /** The same, with the text of the special tokens {@code shown}. */
    public TextStream(Tokenizer tokenizer, int leadingSpaces, Set<Integer> shown) {
        this(tokenizer, false, shown, leadingSpaces);
    }

    private TextStream(Tokenizer tokenizer, boolean withSpecial, Set<Integer> shown, int dropSpaces) {
        this.tokenizer = tokenizer;
        this.withSpecial = withSpecial;
        this.shown = shown;
        this.dropSpaces = dropSpaces;
    }

    /** The text that is complete with this token; often empty. */
    public String append(int id) {
        var out = new StringBuilder();
        append(id, out);
        return out.toString();
    }

    void append(int id, StringBuilder out) {
        if (!withSpecial && tokenizer.isSpecial(id) && !shown.contains(id)) {
            return;
        }
        byte[] bytes = tokenizer.bytes(id);
        int from = 0;
        while (dropSpaces > 0 && from < bytes.length && bytes[from] == ' ') {
            from++;
            dropSpaces--;
        }
        if (from < bytes.length) {
            dropSpaces = 0;
        }
        utf8.decode(bytes, from, bytes.length, out);
    }

    /** Ends the text: U+FFFD where the last character is not complete, else nothing. */
    public String flush() {
        var out = new StringBuilder();
        utf8.flush(out);
        return out.toString();
    }
}
