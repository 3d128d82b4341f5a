// The one error of Crema, the same in the page, in the worker and over engine.fetch. Codes: dev.crema.ErrorCode.

/** What happened (`message`, with the numbers), what to do (`hint`), and a stable `code`. */
export class CremaError extends Error {
    constructor({ code, message, hint = "", param = null, status = 500, type = "server_error", cause }) {
        super(message, cause === undefined ? undefined : { cause });
        this.name = "CremaError";
        this.code = code;
        this.hint = hint;
        this.param = param;
        this.status = status;
        this.type = type;
    }

    /** OpenAI's shape, as dev.crema.api writes it. */
    toJSON() {
        return { error: { message: this.message, type: this.type, param: this.param, code: this.code, hint: this.hint }, status: this.status };
    }

    /** From what toJSON made; anything else becomes `internal`. */
    static from(json, status) {
        const error = json?.error ?? {};
        return new CremaError({
            code: error.code ?? "internal", message: error.message ?? "Something went wrong inside Crema.", hint: error.hint ?? "",
            param: error.param ?? null, status: status ?? json?.status ?? 500, type: error.type ?? "server_error",
        });
    }

    /** Any thrown value as a CremaError. */
    static of(thrown) {
        return thrown instanceof CremaError ? thrown : internal(thrown);
    }
}

export function invalidRequest(message, hint, param = null) {
    return new CremaError({ code: "invalid_request", message, hint, param, status: 400, type: "invalid_request_error" });
}

export function modelNotFound(id, loaded) {
    const names = loaded.map((name) => `"${name}"`).join(", ");
    return new CremaError({
        code: "model_not_found", param: "model", status: 404, type: "invalid_request_error",
        message: loaded.length === 0 ? "No model is loaded." : `The model "${id}" is not loaded; ${names} ${loaded.length === 1 ? "is" : "are"}.`,
        hint: loaded.length === 0 ? "Load one with engine.load." : `Send one of ${names}, or load it with engine.load.`,
    });
}

export function downloadFailed(message, hint, cause) {
    return new CremaError({ code: "download_failed", message, hint, status: 502, type: "download_error", cause });
}

export function storageFailed(message, hint, cause) {
    return new CremaError({ code: "storage_failed", message, hint, status: 507, type: "storage_error", cause });
}

export function closed() {
    return new CremaError({ code: "closed", message: "The engine is closed.", hint: "Create a new one with createEngine.", status: 503 });
}

export function internal(thrown) {
    const text = thrown?.message || String(thrown);
    return new CremaError({
        code: "internal", message: `Crema stopped: ${text}`, hint: "Please report this with the message; a new engine can be created.", cause: thrown,
    });
}

/** What a signal aborts with: its own reason, an AbortError by default. */
export function abortReason(signal) {
    return signal?.reason ?? new DOMException("The operation was aborted.", "AbortError");
}
