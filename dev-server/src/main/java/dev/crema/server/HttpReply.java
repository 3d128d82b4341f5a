package dev.crema.server;

import dev.crema.Cancellation;
import dev.crema.api.ReplySink;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.xnio.IoUtils;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A reply on its way to one client: the engine's thread puts events in and never waits, the request's own thread writes them. A client that
 * reads so slowly that {@link #MAX_WAITING_BYTES} pile up loses its generation and its connection.
 */
final class HttpReply implements ReplySink {
    static final long MAX_WAITING_BYTES = 4 << 20;
    private static final HttpString NO_PROXY_BUFFERING = new HttpString("X-Accel-Buffering");

    private enum Kind { REPLY, CHUNK, NAMED, DONE, END, ERROR, GONE }

    private record Event(Kind kind, int status, byte[] body) { }

    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Cancellation cancellation;
    private final long keepAliveMillis;
    private boolean streaming;

    HttpReply(Cancellation cancellation, long keepAliveMillis) {
        this.cancellation = cancellation;
        this.keepAliveMillis = keepAliveMillis;
    }

    @Override
    public void reply(String json) {
        add(Kind.REPLY, 200, json);
    }

    @Override
    public void chunk(String json) {
        add(Kind.CHUNK, 200, json);
    }

    @Override
    public void event(String name, String json) {
        add(Kind.NAMED, 200, "event: " + name + "\ndata: " + json + "\n\n");
    }

    @Override
    public void done() {
        add(Kind.DONE, 200, "");
    }

    @Override
    public void end() {
        add(Kind.END, 200, "");
    }

    @Override
    public void error(int status, String json) {
        add(Kind.ERROR, status, json);
    }

    private void add(Kind kind, int status, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        if (waitingBytes.addAndGet(body.length) > MAX_WAITING_BYTES && (kind == Kind.CHUNK || kind == Kind.NAMED)) {
            clientGone();
        } else {
            events.add(new Event(kind, status, body));
        }
    }

    /** The client has gone, or is as good as gone. */
    void clientGone() {
        cancellation.cancel();
        events.add(new Event(Kind.GONE, 0, new byte[0]));
    }

    /** Writes what comes until the reply is over. {@code streamed} tells whether the request asked for events. */
    void writeTo(HttpServerExchange exchange, boolean streamed) {
        DisconnectWatch watch = DisconnectWatch.start(exchange, this::clientGone);
        boolean over = false;
        try {
            OutputStream out = exchange.getOutputStream();
            while (!over) {
                Event event = events.poll(keepAliveMillis, TimeUnit.MILLISECONDS);
                if (event == null) {
                    if (streamed) {
                        startStream(exchange);
                        out.write(": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII));
                    }
                } else {
                    over = write(event, exchange, out);
                }
                if (streaming && !over && events.isEmpty()) {
                    out.flush();
                }
            }
        } catch (IOException e) {
            cancellation.cancel(); // The client has gone.
        } catch (InterruptedException e) {
            cancellation.cancel();
            Thread.currentThread().interrupt();
        } finally {
            watch.stop();
            if (!over) {
                IoUtils.safeClose(exchange.getConnection()); // Ending it in good order would make half a reply look whole.
            }
            exchange.endExchange();
        }
    }

    private boolean write(Event event, HttpServerExchange exchange, OutputStream out) throws IOException {
        waitingBytes.addAndGet(-event.body().length);
        switch (event.kind()) {
            case CHUNK -> {
                startStream(exchange);
                event(out, event.body());
                return false;
            }
            case NAMED -> {
                startStream(exchange);
                out.write(event.body());
                return false;
            }
            case END -> startStream(exchange);
            case DONE -> {
                startStream(exchange);
                event(out, "[DONE]".getBytes(StandardCharsets.US_ASCII));
            }
            case REPLY -> json(exchange, out, event);
            case ERROR -> {
                if (streaming) {
                    event(out, event.body());
                } else {
                    json(exchange, out, event);
                }
            }
            case GONE -> throw new IOException("the client has gone");
        }
        return true;
    }

    private void startStream(HttpServerExchange exchange) {
        if (!streaming) {
            streaming = true;
            exchange.setStatusCode(200);
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8").put(Headers.CACHE_CONTROL, "no-cache")
                .put(NO_PROXY_BUFFERING, "no");
        }
    }

    private static void event(OutputStream out, byte[] data) throws IOException {
        out.write("data: ".getBytes(StandardCharsets.US_ASCII));
        out.write(data);
        out.write("\n\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static void json(HttpServerExchange exchange, OutputStream out, Event event) throws IOException {
        exchange.setStatusCode(event.status());
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, Reply.JSON).put(Headers.CACHE_CONTROL, "no-store")
            .put(Headers.CONTENT_LENGTH, event.body().length);
        out.write(event.body());
    }
}
