package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

/**
 * An error in OpenAI's shape.
 *
 * @param status HTTP status
 * @param param  the request field at fault, or null
 * @param code   {@link ErrorCode#wireName}
 * @param hint   what to do about it (an extension; may be empty)
 */
public record ApiError(int status, String message, String type, String param, String code, String hint) {
    public static ApiError of(CremaException error) {
        ErrorCode code = error.code();
        return new ApiError(code.status(), error.getMessage(), code.type(), error.param(), code.wireName(), error.hint());
    }

    /** {@code {"error":{message,type,param,code,hint}}}. */
    public String json() {
        var fields = new Json.Obj().put("message", message).put("type", type).put("param", param).put("code", code).put("hint", hint);
        return new Json.Obj().put("error", fields).toString();
    }

    /** Any exception as one with a code; what has none is a fault of ours. */
    static CremaException known(RuntimeException thrown) {
        return thrown instanceof CremaException known ? known
            : new CremaException(ErrorCode.INTERNAL, "Crema failed: " + thrown + ".", "This is a bug in Crema; please report it.", thrown);
    }
}
