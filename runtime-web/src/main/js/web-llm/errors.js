// Errors under the names that WebLLM gives them; each is a CremaError with code, message and hint.

import { CremaError, invalidRequest } from "../errors.js";

function named(name, error) {
    error.name = name;
    return error;
}

export function modelNotFound(modelId, models) {
    return named("ModelNotFoundError", new CremaError({
        code: "model_not_found", message: `There is no model ${modelId} in appConfig.model_list.`, param: "model", status: 404, type: "invalid_request_error",
        hint: models.length === 0 ? "The list is empty." : `It has ${models.slice(0, 8).join(", ")}${models.length > 8 ? ` and ${models.length - 8} more` : ""}.`,
    }));
}

export function engineNotLoaded(what) {
    return named("EngineNotLoadedError", new CremaError({
        code: "model_not_found", message: `No model is loaded for ${what}.`, hint: "Call and await engine.reload(modelId), or CreateMLCEngine(modelId), first.", status: 404,
        type: "invalid_request_error",
    }));
}

export function modelNotLoaded(modelId, loaded) {
    return named("SpecifiedModelNotFoundError", new CremaError({
        code: "model_not_found", message: `The model ${modelId} is not loaded.`, hint: `Loaded are ${loaded.join(", ")}.`, param: "model", status: 404, type: "invalid_request_error",
    }));
}

export function unclearModel(loaded) {
    return named("UnclearModelToUseError", invalidRequest("Several models are loaded, and the request names none.", `Give model: one of ${loaded.join(", ")}.`, "model"));
}

export function unsupportedFields(fields, what) {
    return named("UnsupportedFieldsError", new CremaError({
        code: "unsupported_parameter", message: `${what} has no place for ${fields.join(", ")} here.`, hint: "Leave it out.", param: fields[0], status: 400, type: "invalid_request_error",
    }));
}

export function noSession(sessionId) {
    return invalidRequest(`There is no resumable session ${sessionId}.`, "Requests aren't kept across visits; ask again.", "sessionId");
}
