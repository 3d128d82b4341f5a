package dev.crema.server;

import dev.crema.ErrorCode;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.Methods;

import java.util.Locale;
import java.util.concurrent.Executor;

/** The OpenAI API over HTTP: routes and keys; what a request means is decided by the engine's ChatService. */
final class OpenAiHandler implements HttpHandler {
    private final ApiKeys keys;
    private final Limits limits;
    private final Executor executor;
    private final Metrics metrics;
    private final ApiCalls calls;
    private volatile ModelPool models;
    private volatile boolean draining;

    OpenAiHandler(ApiKeys keys, Limits limits, Executor executor, Metrics metrics) {
        this.keys = keys;
        this.limits = limits;
        this.executor = executor;
        this.metrics = metrics;
        calls = new ApiCalls(limits, executor, metrics);
    }

    /** The server is ready. */
    void serve(ModelPool pool) {
        models = pool;
    }

    /** From now on no request is taken. */
    void drain() {
        draining = true;
    }

    ApiCalls calls() {
        return calls;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        Route route = Route.of(path);
        if (route == null) {
            Reply.error(exchange, 404, ErrorCode.NOT_FOUND, "There is nothing at " + path + ".", Route.hint(path));
        } else if (!route.open() && !keys.admits(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION))) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
            Reply.error(exchange, 401, ErrorCode.INVALID_API_KEY, "The API key is missing or wrong.", "Send the header Authorization: Bearer KEY.");
        } else if (!route.takes(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().put(Headers.ALLOW, route.allow());
            Reply.error(exchange, 405, ErrorCode.INVALID_REQUEST, path + " takes " + route.method() + ", not " + exchange.getRequestMethod() + ".", "");
        } else if (draining || models == null) {
            exchange.setPersistent(false); // The next request may find another server behind the same address.
            Reply.error(exchange, 503, ErrorCode.CLOSED, draining ? "The server is shutting down."
                : "The model is still being loaded.", "Try again later.");
        } else if (route.method().equals(Methods.POST) && !isJson(exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE))) {
            // Also keeps forms of web pages out, which browsers send anywhere without asking.
            Reply.error(exchange, 415, ErrorCode.INVALID_REQUEST, "The body is " + exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE)
                + ", expected application/json.", "Send the header Content-Type: application/json.");
        } else {
            answer(exchange, route);
        }
    }

    private void answer(HttpServerExchange exchange, Route route) {
        ModelPool pool = models;
        switch (route.kind()) {
            case API -> RequestBody.read(exchange, limits, text -> calls.start(exchange, route.path(), text, pool));
            case MODELS -> ModelList.answer(exchange, pool);
            case HEALTH -> exchange.dispatch(executor, later -> Reports.health(later, pool));
            case SLOTS -> exchange.dispatch(executor, later -> Reports.slots(later, pool));
            case PAGE -> ChatPage.answer(exchange);
            case METRICS -> exchange.dispatch(executor, later -> Reports.metrics(later, pool, metrics));
        }
    }

    private static boolean isJson(String contentType) {
        if (contentType == null) {
            return true;
        }
        int end = contentType.indexOf(';');
        String type = (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.equals("application/json") || type.endsWith("+json");
    }
}
