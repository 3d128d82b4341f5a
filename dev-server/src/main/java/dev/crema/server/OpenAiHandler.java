package dev.crema.server;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.api.Routes;
import dev.crema.engine.EngineStatus;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** The OpenAI API over HTTP: routes, keys, bodies; what a request means is decided by the engine's ChatService. */
final class OpenAiHandler implements HttpHandler {
    private static final String ROUTES = Routes.list() + " GET /health says how the server is.";

    private final ApiKeys keys;
    private final int maxBodyBytes;
    private final Executor executor;
    private final long keepAliveMillis;
    private final Set<Cancellation> running = ConcurrentHashMap.newKeySet();
    private volatile Crema crema;
    private volatile boolean draining;

    OpenAiHandler(ApiKeys keys, int maxBodyBytes, Executor executor, long keepAliveMillis) {
        this.keys = keys;
        this.maxBodyBytes = maxBodyBytes;
        this.executor = executor;
        this.keepAliveMillis = keepAliveMillis;
    }

    /** The model is loaded. */
    void setCrema(Crema loaded) {
        crema = loaded;
    }

    /** From now on no request is taken. */
    void drain() {
        draining = true;
    }

    int running() {
        return running.size();
    }

    void cancelAll() {
        running.forEach(Cancellation::cancel);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        String path = exchange.getRequestPath();
        boolean health = path.equals("/health");
        String method = health ? "GET" : Routes.method(path);
        HttpString expected = "POST".equals(method) ? Methods.POST : Methods.GET;
        if (method == null) {
            Reply.error(exchange, 404, ErrorCode.NOT_FOUND, "There is nothing at " + path + ".", ROUTES);
        } else if (!health && !keys.admits(exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION))) {
            exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
            Reply.error(exchange, 401, ErrorCode.INVALID_API_KEY, "The API key is missing or wrong.", "Send the header Authorization: Bearer KEY.");
        } else if (!exchange.getRequestMethod().equals(expected) && !(expected == Methods.GET && exchange.getRequestMethod().equals(Methods.HEAD))) {
            exchange.getResponseHeaders().put(Headers.ALLOW, expected == Methods.GET ? "GET, HEAD" : "POST");
            Reply.error(exchange, 405, ErrorCode.INVALID_REQUEST, path + " takes " + expected + ", not " + exchange.getRequestMethod() + ".", "");
        } else if (draining || crema == null) {
            exchange.getResponseHeaders().put(Headers.RETRY_AFTER, "1");
            Reply.error(exchange, 503, ErrorCode.CLOSED, draining ? "The server is shutting down."
                : "The model is still being loaded.", "Try again later.");
        } else if (expected == Methods.POST && !isJson(exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE))) {
            // Also keeps forms of web pages out, which browsers send anywhere without asking.
            Reply.error(exchange, 415, ErrorCode.INVALID_REQUEST, "The body is " + exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE)
                + ", expected application/json.", "Send the header Content-Type: application/json.");
        } else {
            exchange.dispatch(executor, blocking -> compute(blocking, path));
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

    private void compute(HttpServerExchange exchange, String path) {
        try {
            if (path.equals("/health")) {
                health(exchange);
            } else {
                answer(exchange, path);
            }
        } catch (RuntimeException e) {
            if (exchange.isResponseStarted()) {
                throw e;
            }
            Reply.error(exchange, 500, ErrorCode.INTERNAL, "The server failed: " + e + ".", "Please report it.");
        }
    }

    private void health(HttpServerExchange exchange) {
        try {
            EngineStatus status = crema.status();
            Reply.json(exchange, 200, new Json.Obj().put("status", "ok").put("model", crema.model().id()).put("device", crema.device().kind())
                .put("running", status.running()).put("waiting", status.waiting()).put("kv_pages", status.kvPages())
                .put("free_kv_pages", status.freeKvPages()).toString());
        } catch (CremaException e) {
            Reply.error(exchange, 503, e);
        }
    }

    private void answer(HttpServerExchange exchange, String path) {
        exchange.startBlocking();
        String body;
        try {
            body = exchange.getRequestMethod().equals(Methods.POST) ? read(exchange) : "";
        } catch (CharacterCodingException e) {
            Reply.error(exchange, 400, ErrorCode.INVALID_JSON, "The body is not UTF-8.", "");
            return;
        } catch (IOException e) {
            exchange.setPersistent(false);
            exchange.endExchange(); // The client has gone before its request was whole.
            return;
        }
        if (body == null) {
            exchange.setPersistent(false); // The rest of the body is not read.
            Reply.error(exchange, 413, ErrorCode.INVALID_REQUEST, "The body is larger than " + maxBodyBytes + " bytes.",
                "Send less, or start the server with a larger --max-body.");
            return;
        }
        var cancellation = new Cancellation();
        var reply = new HttpReply(cancellation, keepAliveMillis);
        running.add(cancellation);
        try {
            crema.handle(path, body, reply, cancellation);
            reply.writeTo(exchange, asksForStream(body));
        } finally {
            cancellation.cancel(); // Nobody listens any more, whatever ended the reply.
            running.remove(cancellation);
        }
    }

    /**
     * The body as text, or null where it is too large. Undertow's own limit (MAX_ENTITY_SIZE) is not used, since it answers by itself:
     * 400 and no word why.
     */
    private String read(HttpServerExchange exchange) throws IOException {
        if (exchange.getRequestContentLength() > maxBodyBytes) {
            return null;
        }
        byte[] bytes = exchange.getInputStream().readNBytes(maxBodyBytes + 1);
        return bytes.length > maxBodyBytes ? null : StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static boolean asksForStream(String body) {
        try {
            return JsonParser.parse(body) instanceof Json.Obj request && request.get("stream") instanceof Json.Bool stream && stream.value();
        } catch (CremaException e) {
            return false; // The service says what is wrong with it.
        }
    }
}
