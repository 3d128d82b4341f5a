package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;

/** How much a grammar may ask for, so that a hostile one neither hangs the engine nor eats its memory; and the errors that say so. */
final class Bounds {
    /** Characters of a grammar's or an expression's text. */
    static final int TEXT = 1 << 20;
    static final int RULES = 10_000;
    /** Parentheses within parentheses, schemas within schemas. */
    static final int NESTING = 100;
    /** Copies that {@code {m,n}} stands for. */
    static final int REPETITION = 20_000;
    /** Nodes of a compiled network. */
    static final int NODES = 400_000;
    /** Schemas visited while one is turned into a grammar. */
    static final int SCHEMAS = 20_000;
    /** Ways to read a text that are open at the same time. */
    static final int PARSES = 20_000;
    /** The same over all states: kept between two tokens, and at most within one. */
    static final int KEPT_PARSES = 1_000_000;
    static final int ALL_PARSES = 8_000_000;
    /** Parses looked at to make one mask. */
    static final int WORK = 10_000_000;
    /** States kept between two tokens, and at most within one. */
    static final int KEPT_STATES = 8_000;
    static final int STATES = 60_000;
    /** Stack frames kept between two tokens, and at most at all. */
    static final int KEPT_FRAMES = 100_000;
    static final int FRAMES = 2_000_000;
    /** Masks kept; each has one bit a token of the vocabulary. */
    static final int KEPT_MASKS = 200;

    private Bounds() { }

    static CremaException tooLarge(String what, long found, long allowed) {
        return new CremaException(ErrorCode.INVALID_REQUEST, "The grammar is too large: " + found + " " + what + ", " + allowed + " are allowed.",
            "Simplify it.");
    }

    static CremaException exceeded(String what, long allowed) {
        return new CremaException(ErrorCode.INVALID_REQUEST, "The grammar is too complex: it needs more than " + allowed + " " + what + ".",
            "Make it less ambiguous, or repeat less.");
    }
}
