package dev.crema;

/**
 * Stable names of everything that can go wrong. They cross the worker and the wire unchanged; {@link #type} is OpenAI's
 * error type and {@link #status} the HTTP status that the same error has over HTTP.
 */
public enum ErrorCode {
    INVALID_REQUEST("invalid_request_error", 400),
    INVALID_JSON("invalid_request_error", 400),
    UNSUPPORTED_PARAMETER("invalid_request_error", 400),
    CONTEXT_LENGTH_EXCEEDED("invalid_request_error", 400),
    INVALID_TEMPLATE("invalid_request_error", 400),
    INVALID_API_KEY("invalid_request_error", 401),
    NOT_FOUND("invalid_request_error", 404),
    MODEL_NOT_FOUND("invalid_request_error", 404),
    CANCELLED("request_cancelled", 499),
    QUEUE_FULL("server_error", 429),
    TIMED_OUT("server_error", 504),
    INVALID_CHECKPOINT("model_error", 500),
    UNSUPPORTED_MODEL("model_error", 500),
    MISSING_TENSOR("model_error", 500),
    INVALID_GRAPH("model_error", 500),
    DOWNLOAD_FAILED("download_error", 502),
    STORAGE_FAILED("storage_error", 507),
    OUT_OF_MEMORY("device_error", 503),
    DEVICE_LOST("device_error", 503),
    DEVICE_UNAVAILABLE("device_error", 503),
    CLOSED("server_error", 503),
    INTERNAL("server_error", 500);

    private final String type;
    private final int status;

    ErrorCode(String type, int status) {
        this.type = type;
        this.status = status;
    }

    /** OpenAI's {@code error.type}. */
    public String type() {
        return type;
    }

    /** The HTTP status of this error. */
    public int status() {
        return status;
    }

    /** The code as it is written on the wire: {@code context_length_exceeded}. */
    public String wireName() {
        var name = new StringBuilder(name());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                name.setCharAt(i, (char) (c + ('a' - 'A')));
            }
        }
        return name.toString();
    }
}
