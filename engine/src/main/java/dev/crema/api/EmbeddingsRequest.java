package dev.crema.api;

import dev.crema.json.Json;

import java.util.List;
import java.util.Set;

/**
 * A request to {@code /v1/embeddings}.
 *
 * @param model      as asked for, or null
 * @param dimensions to keep of each vector; 0 for all
 * @param base64     whether vectors are sent as base64 of their little-endian 32-bit floats
 */
record EmbeddingsRequest(String model, List<TokenInput> inputs, int dimensions, boolean base64) {
    /** OpenAI's. */
    private static final int MAX_INPUTS = 2048;
    private static final Set<String> NAMES = Set.of("model", "input", "dimensions", "encoding_format");

    static EmbeddingsRequest read(Json.Obj body) {
        var fields = new Fields(body);
        fields.allowOnly(NAMES, CompletionOptions.HARMLESS);
        List<TokenInput> inputs = TokenInput.read(fields, "input");
        if (inputs.size() > MAX_INPUTS) {
            throw Fields.invalid("input", "'input' has " + inputs.size() + " texts, " + MAX_INPUTS + " are allowed.");
        }
        for (int i = 0; i < inputs.size(); i++) {
            if ("".equals(inputs.get(i).text())) {
                String param = fields.get("input") instanceof Json.Str ? "input" : "input[" + i + "]";
                throw Fields.wrong(param, "a string that is not empty", new Json.Str(""));
            }
        }
        boolean base64 = fields.has("encoding_format") && fields.oneOf("encoding_format", "float", "base64").equals("base64");
        return new EmbeddingsRequest(fields.string("model", null), inputs, (int) fields.integer("dimensions", 1, Integer.MAX_VALUE, 0), base64);
    }
}
