package dev.crema.web.worker;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

/** Exceptions as errors.js reads them. */
final class Failures {
    private Failures() { }

    /** {@code {"error":{message,type,param,code,hint},"status":n}}. */
    static String json(RuntimeException thrown) {
        CremaException error = thrown instanceof CremaException known ? known
            : new CremaException(ErrorCode.INTERNAL, "Crema failed: " + thrown, "This is a bug; please report it with this message.", thrown);
        ErrorCode code = error.code();
        Json.Obj fields = new Json.Obj().put("message", error.getMessage()).put("type", code.type()).put("param", error.param())
            .put("code", code.wireName()).put("hint", error.hint());
        return new Json.Obj().put("error", fields).put("status", code.status()).toString();
    }
}
