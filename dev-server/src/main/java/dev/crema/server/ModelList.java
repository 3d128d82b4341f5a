package dev.crema.server;

import dev.crema.ErrorCode;
import dev.crema.json.Json;
import io.undertow.server.HttpServerExchange;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** {@code /v1/models} and {@code /v1/models/NAME}: every model, loaded or not. */
final class ModelList {
    private static final String PATH = "/v1/models";
    /** Seconds; OpenAI's is when a model was made, which files don't tell. */
    private static final long CREATED = Instant.now().getEpochSecond();

    private ModelList() { }

    static void answer(HttpServerExchange exchange, ModelPool models) {
        if (exchange.getRequestPath().length() <= PATH.length() + 1) {
            var data = new Json.Arr();
            models.list().forEach(status -> data.add(json(status)));
            Reply.json(exchange, 200, new Json.Obj().put("object", "list").put("data", data).toString());
            return;
        }
        String name = decoded(exchange.getRequestPath().substring(PATH.length() + 1));
        for (ModelPool.Status status : models.list()) {
            if (status.name().equals(name)) {
                Reply.json(exchange, 200, json(status).toString());
                return;
            }
        }
        Reply.error(exchange, 404, ErrorCode.MODEL_NOT_FOUND, "There is no model '" + name + "'.", "There are: " + String.join(", ", models.names()) + ".");
    }

    /** Clients write the slashes of a name as {@code %2F}, which Undertow leaves as it is. */
    private static String decoded(String name) {
        try {
            return URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return name;
        }
    }

    private static Json.Obj json(ModelPool.Status status) {
        var json = new Json.Obj().put("id", status.name()).put("object", "model").put("created", CREATED).put("owned_by", "crema")
            .put("status", status.state());
        return status.contextLength() == 0 ? json : json.put("context_length", status.contextLength());
    }
}
