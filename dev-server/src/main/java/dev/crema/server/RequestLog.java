package dev.crema.server;

import dev.crema.ErrorCode;
import dev.crema.engine.GenerationStats;
import dev.crema.json.Json;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HttpString;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/** What is noted of one request for the access log and the metrics. Never what it says: no query, no body, no key. */
final class RequestLog {
    static final HttpString ID_HEADER = new HttpString("X-Request-Id");

    private static final AttachmentKey<RequestLog> KEY = AttachmentKey.create(RequestLog.class);
    private static final int MAX_ID_LENGTH = 128;

    private final String id;
    private final Instant begun = Instant.now();
    private final long begunNanos = System.nanoTime();
    private final AtomicBoolean ended = new AtomicBoolean();
    private volatile long firstByteNanos;
    private volatile String model;
    private volatile String error;
    /** Undertow may end the exchange of a client that has gone before anybody else can say so. */
    private volatile boolean whole = true;
    private int choices;
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;

    private RequestLog(String id) {
        this.id = id;
    }

    /** Notes a request from its start; its id is the client's own where that is a plain word. */
    static RequestLog begin(HttpServerExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst(ID_HEADER);
        var log = new RequestLog(isPlain(given) ? given : "req_" + UUID.randomUUID().toString().replace("-", ""));
        exchange.putAttachment(KEY, log);
        exchange.getResponseHeaders().put(ID_HEADER, log.id);
        return log;
    }

    static RequestLog of(HttpServerExchange exchange) {
        return exchange.getAttachment(KEY);
    }

    /** What goes into logs and headers as it is: letters, digits and {@code -_.:}. */
    private static boolean isPlain(String id) {
        return id != null && !id.isEmpty() && id.length() <= MAX_ID_LENGTH
            && id.chars().allMatch(c -> c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-_.:".indexOf(c) >= 0);
    }

    void model(String name) {
        model = name;
    }

    /** The model that answers, or null as long as there is none. */
    String model() {
        return model;
    }

    /** The code of the error that it ended with. */
    void error(String code) {
        error = code;
    }

    /** A reply is to follow, until which the request counts as cancelled. */
    void replies() {
        whole = false;
    }

    /** All of the reply is there to be sent. */
    void whole() {
        whole = true;
    }

    void firstByte() {
        if (firstByteNanos == 0) {
            firstByteNanos = System.nanoTime();
        }
    }

    /** One of its choices has ended. */
    synchronized void finished(GenerationStats stats) {
        if (choices++ == 0) {
            promptTokens = stats.promptTokens();
            cachedTokens = stats.cachedTokens();
        }
        completionTokens += stats.completionTokens();
    }

    /** True for the first caller alone. */
    boolean end() {
        return ended.compareAndSet(false, true);
    }

    double seconds() {
        return (System.nanoTime() - begunNanos) / 1e9;
    }

    /** One line of the access log. */
    synchronized Json.Obj json(HttpServerExchange exchange) {
        var json = new Json.Obj().put("time", begun.truncatedTo(ChronoUnit.MILLIS).toString()).put("request_id", id)
            .put("client", exchange.getSourceAddress() instanceof InetSocketAddress from && from.getAddress() != null ? from.getAddress().getHostAddress() : "")
            .put("protocol", exchange.getProtocol().toString()).put("method", exchange.getRequestMethod().toString())
            .put("path", exchange.getRequestPath()).put("status", exchange.getStatusCode()).put("bytes", exchange.getResponseBytesSent())
            .put("duration_ms", Math.round(seconds() * 1e6) / 1e3);
        if (firstByteNanos != 0) {
            json.put("first_byte_ms", Math.round((firstByteNanos - begunNanos) / 1e3) / 1e3);
        }
        if (model != null) {
            json.put("model", model);
        }
        if (choices > 0) {
            json.put("prompt_tokens", promptTokens).put("cached_tokens", cachedTokens).put("completion_tokens", completionTokens);
        }
        String ended = error == null && !whole ? ErrorCode.CANCELLED.wireName() : error;
        return ended == null ? json : json.put("error", ended);
    }
}
