// Which model a request is for.

const MODELS = "/v1/models/";

/** The model that a path names (`/v1/models/<id>`), or null. */
export function modelPath(path) {
    if (!path.startsWith(MODELS)) {
        return null;
    }
    const id = path.slice(MODELS.length);
    try {
        return decodeURIComponent(id);
    } catch {
        return id; // A % that stands for itself.
    }
}

/** The `model` of a request's body, or null; a body that is no JSON is for the first model to refuse. */
export function modelOfRequest(body) {
    try {
        const { model } = JSON.parse(body);
        return typeof model === "string" ? model : null;
    } catch {
        return null;
    }
}
