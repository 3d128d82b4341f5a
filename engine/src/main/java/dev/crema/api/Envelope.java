package dev.crema.api;

import dev.crema.json.Json;

/**
 * What every reply and chunk of one request has in common.
 *
 * @param created seconds since 1970
 */
record Envelope(String id, long created, String model) {
    /** The backend's configuration in OpenAI's API; replies to the same seed are the same as long as it is. */
    private static final String SYSTEM_FINGERPRINT = "fp_crema_1";

    /** {@code object} is OpenAI's name of the shape, {@code chat.completion.chunk} and such. */
    Json.Obj of(String object, Json.Arr choices) {
        return new Json.Obj().put("id", id).put("object", object).put("created", created).put("model", model)
            .put("system_fingerprint", SYSTEM_FINGERPRINT).put("choices", choices);
    }
}
