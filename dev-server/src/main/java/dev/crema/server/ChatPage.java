package dev.crema.server;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The page that chats through the server, from the class path. It loads nothing from elsewhere and may talk to this server alone. */
final class ChatPage {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "
        + "form-action 'none'; frame-ancestors 'none'";
    private static final Map<String, byte[]> FILES = read("index.html", "chat.css", "chat.js");

    private ChatPage() { }

    /** Whether {@code path} is a part of it. */
    static boolean has(String path) {
        return path.equals("/") || path.startsWith("/page/") && FILES.containsKey(path.substring("/page/".length()));
    }

    static void answer(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        String name = path.equals("/") ? "index.html" : path.substring("/page/".length());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, MimeTypes.of(name)).put(Headers.CACHE_CONTROL, "no-cache")
            .put(new HttpString("Content-Security-Policy"), POLICY).put(new HttpString("X-Content-Type-Options"), "nosniff")
            .put(new HttpString("Referrer-Policy"), "no-referrer");
        byte[] bytes = FILES.get(name);
        if (exchange.getRequestMethod().equals(Methods.HEAD)) {
            exchange.setResponseContentLength(bytes.length).endExchange();
        } else {
            exchange.getResponseSender().send(ByteBuffer.wrap(bytes));
        }
    }

    private static Map<String, byte[]> read(String... names) {
        var files = new HashMap<String, byte[]>();
        for (String name : names) {
            try (InputStream in = ChatPage.class.getResourceAsStream("page/" + name)) {
                files.put(name, in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return files;
    }
}
