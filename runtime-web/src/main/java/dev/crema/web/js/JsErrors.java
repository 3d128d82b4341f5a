package dev.crema.web.js;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

/** Errors that JavaScript throws, as Crema's exception: those of errors.js keep code and hint, others become INTERNAL. */
public final class JsErrors {
    private JsErrors() { }

    private interface Thrown extends JSObject {
        @JSProperty
        String getMessage();

        @JSProperty
        String getName();
    }

    public static CremaException toJava(Object error) {
        Thrown thrown = asThrown(asObject(error));
        String codeName = text(thrown, "code");
        for (ErrorCode code : ErrorCode.values()) {
            if (code.wireName().equals(codeName)) {
                String param = text(thrown, "param");
                return param == null ? new CremaException(code, thrown.getMessage(), text(thrown, "hint"))
                    : CremaException.ofParam(code, param, thrown.getMessage(), text(thrown, "hint"));
            }
        }
        return new CremaException(ErrorCode.INTERNAL, thrown.getName() + ": " + thrown.getMessage(), "");
    }

    /** An Error whatever was thrown, so that it is never null. */
    @JSBody(params = "error", script = "return error instanceof Error || (error && typeof error.message === 'string') ? error : new Error(String(error));")
    static native Object asObject(Object error);

    @JSBody(params = "error", script = "return error;")
    private static native Thrown asThrown(Object error);

    @JSBody(params = { "error", "name" }, script = "var value = error[name]; return typeof value === 'string' ? value : null;")
    private static native String text(Thrown error, String name);
}
