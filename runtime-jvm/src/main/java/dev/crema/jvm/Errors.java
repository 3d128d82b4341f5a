package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.json.Json;

/** Errors in OpenAI's shape, for those that never reach the API's own code. */
public final class Errors {
    private Errors() { }

    /** {@code {"error":{message,type,param,code,hint}}}. */
    public static String toJson(CremaException error) {
        var body = new Json.Obj().put("message", error.getMessage()).put("type", error.code().type()).put("param", error.param())
            .put("code", error.code().wireName()).put("hint", error.hint());
        return new Json.Obj().put("error", body).toString();
    }
}
