package dev.crema.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import java.util.Set;

/** Lets pages of chosen origins ({@code *}: of all) call the API; without any, browsers keep pages of other origins out. */
final class Cors implements HttpHandler {
    private static final HttpString ALLOW_ORIGIN = new HttpString("Access-Control-Allow-Origin");
    private static final HttpString EXPOSE_HEADERS = new HttpString("Access-Control-Expose-Headers");
    private static final HttpString ALLOW_METHODS = new HttpString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS = new HttpString("Access-Control-Allow-Headers");
    private static final HttpString REQUEST_HEADERS = new HttpString("Access-Control-Request-Headers");
    private static final HttpString REQUEST_METHOD = new HttpString("Access-Control-Request-Method");
    private static final HttpString MAX_AGE = new HttpString("Access-Control-Max-Age");

    private final Set<String> origins;
    private final HttpHandler next;

    Cors(Set<String> origins, HttpHandler next) {
        this.origins = origins;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        HeaderMap request = exchange.getRequestHeaders();
        HeaderMap response = exchange.getResponseHeaders();
        String origin = request.getFirst(Headers.ORIGIN);
        boolean all = origins.contains("*");
        boolean allowed = origin != null && (all || origins.contains(origin));
        if (!origins.isEmpty() && !all) {
            response.add(Headers.VARY, "Origin");
        }
        if (allowed) {
            response.put(ALLOW_ORIGIN, all ? "*" : origin).put(EXPOSE_HEADERS, "X-Request-Id, Retry-After");
        }
        if (exchange.getRequestMethod().equals(Methods.OPTIONS) && request.contains(REQUEST_METHOD)) {
            if (allowed) {
                response.put(ALLOW_METHODS, "GET, POST, OPTIONS").put(MAX_AGE, "600");
                String headers = request.getFirst(REQUEST_HEADERS);
                response.put(ALLOW_HEADERS, headers == null ? "Authorization, Content-Type" : headers);
            }
            exchange.setStatusCode(204).endExchange();
            return;
        }
        next.handleRequest(exchange);
    }
}
