package dev.crema.server;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.RequestControl;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import io.undertow.server.HttpServerExchange;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/** Requests to a model, from their bodies to the ends of their replies; each has a thread that writes its reply. */
final class ApiCalls {
    private final Limits limits;
    private final Executor executor;
    private final Metrics metrics;
    private final Set<Cancellation> running = ConcurrentHashMap.newKeySet();

    ApiCalls(Limits limits, Executor executor, Metrics metrics) {
        this.limits = limits;
        this.executor = executor;
        this.metrics = metrics;
    }

    int running() {
        return running.size();
    }

    void cancelAll() {
        running.forEach(Cancellation::cancel);
    }

    /** Takes a request whose body is {@code text}; in the connection's thread, which it doesn't hold up. */
    void start(HttpServerExchange exchange, String path, String text, ModelPool models) {
        exchange.dispatch(executor, () -> {
            try {
                run(exchange, path, text, models);
            } catch (CremaException e) {
                Reply.error(exchange, e.code().status(), e);
            } catch (RuntimeException e) {
                Reply.error(exchange, 500, ErrorCode.INTERNAL, "The server failed: " + e + ".", "This is a bug in Crema; please report it.");
            }
        });
    }

    private void run(HttpServerExchange exchange, String path, String text, ModelPool models) {
        Json.Obj request = text.isBlank() ? new Json.Obj() : JsonParser.parseObject(text); // What is missing from it, the service says.
        String name = modelOf(request);
        boolean streamed = request.get("stream") instanceof Json.Bool stream && stream.value();
        RequestLog log = RequestLog.of(exchange);
        var cancellation = new RequestControl(0, null);
        var reply = new HttpReply(cancellation, limits, stats -> {
            log.finished(stats);
            metrics.finished(log.model(), stats);
        });
        running.add(cancellation);
        // Loading may take minutes: meanwhile the reply is kept alive, and a client that leaves is noticed.
        Thread.startVirtualThread(() -> compute(path, text, models, name, reply, cancellation, log));
        try {
            reply.writeTo(exchange, streamed);
        } finally {
            cancellation.cancel(); // Nobody listens any more, whatever ended the reply.
            reply.ended();
            running.remove(cancellation);
        }
    }

    private static String modelOf(Json.Obj request) {
        return switch (request.get("model")) {
            case Json.Str name -> name.value();
            case null -> null;
            case Json.Null none -> null;
            case Json other -> throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "model", "'model' is " + other.kind() + ", expected a string.", "");
        };
    }

    /** Finds the model and hands it the request; it stays loaded until the reply has ended. */
    private static void compute(String path, String text, ModelPool models, String name, HttpReply reply, Cancellation cancellation, RequestLog log) {
        try (ModelPool.Lease lease = models.acquire(name, cancellation)) {
            log.model(lease.name());
            lease.crema().handle(path, text, reply, cancellation);
            reply.awaitEnd();
        } catch (CremaException e) {
            reply.error(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            reply.error(new CremaException(ErrorCode.CLOSED, "The server is shutting down.", ""));
        }
    }
}
