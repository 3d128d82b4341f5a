package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Errors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import java.nio.charset.StandardCharsets;

/** Short answers that need no engine. May be called by any thread that owns the exchange. */
final class Reply {
    static final String JSON = "application/json; charset=utf-8";
    /** Seconds; a queue or a start is soon over, and clients wait longer each time by themselves. */
    private static final String RETRY_AFTER = "1";

    private Reply() { }

    static void json(HttpServerExchange exchange, int status, String body) {
        head(exchange, status);
        exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
    }

    /** The status of a JSON answer and the headers that go with it; what may succeed later says when to try again. */
    static void head(HttpServerExchange exchange, int status) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, JSON).put(Headers.CACHE_CONTROL, "no-store");
        if (status == 429 || status == 503) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, RETRY_AFTER);
        }
    }

    static void text(HttpServerExchange exchange, String contentType, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType).put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(body, StandardCharsets.UTF_8);
    }

    /** An error in OpenAI's shape. {@code status} may say more than the code's own, as 405 and 415 do. */
    static void error(HttpServerExchange exchange, int status, CremaException error) {
        RequestLog log = RequestLog.of(exchange);
        if (log != null) {
            log.error(error.code().wireName());
        }
        json(exchange, status, Errors.toJson(error));
    }

    static void error(HttpServerExchange exchange, int status, ErrorCode code, String message, String hint) {
        error(exchange, status, new CremaException(code, message, hint));
    }

    /** The code of an error in OpenAI's shape. */
    static String codeOf(String errorJson) {
        return JsonParser.parseObject(errorJson).get("error") instanceof Json.Obj error && error.get("code") instanceof Json.Str code ? code.value() : null;
    }
}
