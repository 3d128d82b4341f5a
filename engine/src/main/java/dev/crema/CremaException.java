package dev.crema;

/**
 * The one exception of Crema: what happened, with the numbers ({@link #getMessage}), what to do about it
 * ({@link #hint}), a stable {@link #code} and, for a bad request, the field at fault ({@link #param}).
 */
public final class CremaException extends RuntimeException {
    private final ErrorCode code;
    private final String hint;
    private final String param;

    public CremaException(ErrorCode code, String message, String hint) {
        this(code, message, hint, null, null);
    }

    public CremaException(ErrorCode code, String message, String hint, Throwable cause) {
        this(code, message, hint, null, cause);
    }

    private CremaException(ErrorCode code, String message, String hint, String param, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
        this.param = param;
    }

    /** An error of a request field; {@code param} names it as OpenAI does ({@code messages[0].role}). */
    public static CremaException ofParam(ErrorCode code, String param, String message, String hint) {
        return new CremaException(code, message, hint, param, null);
    }

    public ErrorCode code() {
        return code;
    }

    /** What the reader can do about it; never null, may be empty. */
    public String hint() {
        return hint == null ? "" : hint;
    }

    /** The request field at fault, or null. */
    public String param() {
        return param;
    }

    /** Message and hint on one line, for a log or a terminal. */
    public String describe() {
        return hint().isEmpty() ? getMessage() : getMessage() + " " + hint();
    }
}
