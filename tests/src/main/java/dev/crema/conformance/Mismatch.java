package dev.crema.conformance;

/** A device did not do what it must; the message has the place and the numbers. */
public final class Mismatch extends RuntimeException {
    private static final long serialVersionUID = 1;

    Mismatch(String message) {
        super(message);
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new Mismatch(otherwise);
        }
    }
}
