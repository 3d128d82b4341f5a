package dev.crema.chat.jinja;

/** What is wrong with a template, and where in its source. The place is filled in by the nearest node around the fault. */
public final class JinjaError extends RuntimeException {
    private int at = -1;
    private final boolean raised;

    public JinjaError(String message) {
        this(message, false);
    }

    private JinjaError(String message, boolean raised) {
        super(message);
        this.raised = raised;
    }

    /** What a template says itself through {@code raise_exception}: it refuses the conversation, the template is fine. */
    static JinjaError raisedByTemplate(String message) {
        return new JinjaError(message, true);
    }

    /** Names the place unless it is known already. */
    JinjaError at(int offset) {
        if (at < 0) {
            at = offset;
        }
        return this;
    }

    /** Offset in the source, or -1. */
    public int offset() {
        return at;
    }

    /** True when the template called {@code raise_exception}. */
    public boolean isRaised() {
        return raised;
    }
}
