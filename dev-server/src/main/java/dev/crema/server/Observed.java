package dev.crema.server;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;

/** Gives each request its id, and counts and logs it when it is over. */
final class Observed implements HttpHandler {
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final HttpHandler next;

    Observed(Metrics metrics, AccessLog accessLog, HttpHandler next) {
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        RequestLog log = RequestLog.begin(exchange);
        metrics.begun();
        exchange.addExchangeCompleteListener((ended, chain) -> {
            end(ended, log);
            chain.proceed();
        });
        next.handleRequest(exchange);
    }

    private void end(HttpServerExchange exchange, RequestLog log) {
        if (log.end()) {
            Route route = Route.of(exchange.getRequestPath());
            metrics.ended(route, exchange.getRequestMethod().toString(), exchange.getStatusCode(), log.seconds());
            if (accessLog.isOn()) {
                accessLog.add(log.json(exchange).toString());
            }
        }
    }
}
