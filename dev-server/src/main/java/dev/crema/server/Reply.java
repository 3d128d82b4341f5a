package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.Errors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import java.nio.charset.StandardCharsets;

/** Short answers that need no engine. May be called by any thread that owns the exchange. */
final class Reply {
    static final String JSON = "application/json; charset=utf-8";

    private Reply() { }

    static void json(HttpServerExchange exchange, int status, String body) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON).put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
    }

    /** An error in OpenAI's shape. {@code status} may say more than the code's own, as 405 and 415 do. */
    static void error(HttpServerExchange exchange, int status, CremaException error) {
        json(exchange, status, Errors.toJson(error));
    }

    static void error(HttpServerExchange exchange, int status, ErrorCode code, String message, String hint) {
        error(exchange, status, new CremaException(code, message, hint));
    }
}
