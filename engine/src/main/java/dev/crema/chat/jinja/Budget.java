package dev.crema.chat.jinja;

/**
 * What one rendering may cost. Generous against real templates (a conversation of a thousand messages takes some ten thousand steps),
 * and small enough that a hostile one ends within about a second and some hundred megabytes.
 */
final class Budget {
    /** Nested nodes of a template, at parsing. */
    static final int MAX_NESTING = 100;
    /** Nested evaluations, through macros and long operator chains; each takes two to three frames of the stack. */
    private static final int MAX_DEPTH = 250;
    private static final long MAX_STEPS = 20_000_000;
    private static final long MAX_CHARS = 64_000_000;
    /** Reading text is cheaper than evaluating: so many characters make one step. */
    static final int CHARS_PER_STEP = 64;
    /** What an element of a list weighs, in characters. */
    private static final int CHARS_PER_ITEM = 8;

    private long steps;
    private long chars;
    private int depth;

    void enter() {
        step(1);
        if (++depth > MAX_DEPTH) {
            throw new JinjaError("nested deeper than " + MAX_DEPTH + " evaluations");
        }
    }

    void leave() {
        depth--;
    }

    private void step(long count) {
        steps += count;
        if (steps > MAX_STEPS) {
            throw new JinjaError("more than " + MAX_STEPS + " steps");
        }
    }

    /** Accounts for reading through that many characters. */
    void read(long count) {
        step(count / CHARS_PER_STEP);
    }

    /** Accounts for making that many characters, before they are made. */
    void make(long count) {
        chars += count;
        if (chars > MAX_CHARS || count > MAX_CHARS) {
            throw new JinjaError("more than " + MAX_CHARS + " characters of text made");
        }
        read(count);
    }

    /** Accounts for a list of that many items, before it is made. */
    void makeItems(long count) {
        if (count > MAX_CHARS) {
            throw new JinjaError("a list of " + count + " items");
        }
        make(count * CHARS_PER_ITEM);
    }
}
