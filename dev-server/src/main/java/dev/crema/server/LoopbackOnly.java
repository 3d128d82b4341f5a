package dev.crema.server;

import dev.crema.ErrorCode;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;

import java.util.Locale;

/**
 * On a loopback address, refuses requests that name another host: a web page whose name was pointed at 127.0.0.1 (DNS rebinding) would else
 * reach a server that was meant for this machine only.
 */
final class LoopbackOnly implements HttpHandler {
    private final boolean guards;
    private final HttpHandler next;

    LoopbackOnly(String host, HttpHandler next) {
        guards = isLoopback(host);
        this.next = next;
    }

    static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost")
            || name.equals("::1") || name.equals("[::1]") || name.matches("127(\\.\\d{1,3}){3}");
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        String host = exchange.getHostName();
        if (guards && host != null && !host.isEmpty() && !isLoopback(host)) {
            Reply.error(exchange, 403, ErrorCode.INVALID_REQUEST, "This server answers on this machine only, not as " + host + ".",
                "Start it with --host to serve a network.");
        } else {
            next.handleRequest(exchange);
        }
    }
}
