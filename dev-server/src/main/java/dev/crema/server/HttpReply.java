package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.api.ReplySink;
import dev.crema.engine.GenerationStats;
import dev.crema.engine.RequestControl;
import dev.crema.jvm.Errors;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import org.xnio.IoUtils;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A reply on its way to one client: the engine's thread puts events in and never waits, the request's own thread writes them. While
 * {@link #HOLD_BYTES} wait for a client the engine writes on for others only; one that takes nothing for a while loses its generation and its connection.
 */
final class HttpReply implements ReplySink {
    static final long HOLD_BYTES = 64 << 10;
    private static final long RESUME_BYTES = HOLD_BYTES / 4;
    private static final int MAX_WRITE_BYTES = 16 << 10;
    private static final HttpString NO_PROXY_BUFFERING = new HttpString("X-Accel-Buffering");
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

    private enum Kind { REPLY, CHUNK, NAMED, DONE, END, ERROR, GONE }

    private record Event(Kind kind, int status, byte[] body) { }

    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final RequestControl control;
    private final Limits limits;
    private final Consumer<GenerationStats> onFinished;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile ClientOutput out;
    private DisconnectWatch watch;
    private boolean streaming;

    HttpReply(RequestControl control, Limits limits, Consumer<GenerationStats> onFinished) {
        this.control = control;
        this.limits = limits;
        this.onFinished = onFinished;
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
    public void finished(GenerationStats stats) {
        onFinished.accept(stats);
    }

    @Override
    public void error(int status, String json) {
        add(Kind.ERROR, status, json);
    }

    void error(CremaException error) {
        error(error.code().status(), Errors.toJson(error));
    }

    private void add(Kind kind, int status, String json) {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        events.add(new Event(kind, status, body));
        if (waitingBytes.addAndGet(body.length) > HOLD_BYTES) {
            control.hold(true);
            taken(0); // It may have been taken already.
        }
    }

    /** So many bytes wait no more. */
    private void taken(int bytes) {
        if (waitingBytes.addAndGet(-bytes) <= RESUME_BYTES) {
            control.hold(false);
        }
    }

    /** The client has gone, or is as good as gone. */
    void clientGone() {
        control.cancel();
        events.add(new Event(Kind.GONE, 0, new byte[0]));
        ClientOutput writing = out;
        if (writing != null) {
            writing.clientGone();
        }
    }

    /** Waits for {@link #ended}. */
    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    /** Nothing more is written. */
    void ended() {
        ended.countDown();
    }

    /** Writes what comes until the reply is over. {@code streamed} tells whether the request asked for events. */
    void writeTo(HttpServerExchange exchange, boolean streamed) {
        out = new ClientOutput(exchange, limits.stallMillis());
        RequestLog.of(exchange).replies();
        watch = DisconnectWatch.start(exchange, this::clientGone);
        boolean over = false;
        try {
            long end = limits.requestMillis() == 0 ? Long.MAX_VALUE : System.nanoTime() + limits.requestMillis() * 1_000_000;
            while (!over) {
                if (!exchange.getConnection().isOpen()) {
                    throw new IOException("the connection is closed");
                }
                long left = end == Long.MAX_VALUE ? limits.keepAliveMillis() : Math.max(0, (end - System.nanoTime()) / 1_000_000);
                Event event = events.poll(Math.min(limits.keepAliveMillis(), left), TimeUnit.MILLISECONDS);
                if (event == null && left <= limits.keepAliveMillis() && end != Long.MAX_VALUE) {
                    control.cancel();
                    event = timeout();
                }
                over = event == null ? keepAlive(exchange, streamed) : write(event, exchange);
            }
            // Undertow listens for the next request once this one's reply is complete: nobody else may then.
            watch.stop();
            RequestLog.of(exchange).whole();
            out.end();
        } catch (IOException e) {
            over = false;
            control.cancel(); // The client has gone.
        } catch (InterruptedException e) {
            over = false;
            control.cancel();
            Thread.currentThread().interrupt();
        } finally {
            watch.stop();
            if (!over) {
                RequestLog.of(exchange).error(ErrorCode.CANCELLED.wireName());
                IoUtils.safeClose(exchange.getConnection()); // Ending it in good order would make half a reply look whole.
            }
            exchange.endExchange();
        }
    }

    private Event timeout() {
        var error = new CremaException(ErrorCode.TIMED_OUT, "The reply was not complete within " + limits.requestMillis() / 1000.0 + " s.",
            "Ask for fewer tokens, or start the server with a larger --request-timeout.");
        return new Event(Kind.ERROR, error.code().status(), Errors.toJson(error).getBytes(StandardCharsets.UTF_8));
    }

    private boolean keepAlive(HttpServerExchange exchange, boolean streamed) throws IOException, InterruptedException {
        if (streamed) {
            startStream(exchange);
            out.write(KEEP_ALIVE);
            out.flush();
        }
        return false;
    }

    private boolean write(Event event, HttpServerExchange exchange) throws IOException, InterruptedException {
        if (event.kind() == Kind.GONE) {
            throw new IOException("the client has gone");
        }
        if (event.kind() == Kind.ERROR) {
            RequestLog.of(exchange).error(Reply.codeOf(new String(event.body(), StandardCharsets.UTF_8)));
        }
        if (event.kind() == Kind.REPLY || event.kind() == Kind.ERROR && !streaming) {
            json(exchange, event);
            return true;
        }
        startStream(exchange);
        return writeEvents(event);
    }

    /** Writes an event, and those that wait behind it, in one piece; true at the end of the stream. */
    private boolean writeEvents(Event first) throws IOException, InterruptedException {
        var bytes = new ByteArrayOutputStream(1024);
        boolean over = false;
        for (Event event = first; event != null; event = over || bytes.size() > MAX_WRITE_BYTES ? null : nextChunk()) {
            taken(event.body().length);
            append(bytes, event);
            over = event.kind() != Kind.CHUNK && event.kind() != Kind.NAMED;
        }
        out.write(bytes.toByteArray());
        if (!over && events.isEmpty()) {
            out.flush();
        }
        return over;
    }

    /** Named events are whole as they are, and the end of a stream of them says so itself. */
    private static void append(ByteArrayOutputStream bytes, Event event) {
        switch (event.kind()) {
            case NAMED, END -> bytes.writeBytes(event.body());
            default -> {
                bytes.writeBytes(DATA);
                bytes.writeBytes(event.kind() == Kind.DONE ? DONE : event.body());
                bytes.writeBytes(END);
            }
        }
    }

    private Event nextChunk() {
        Event next = events.peek();
        return next != null && next.kind() != Kind.ERROR && next.kind() != Kind.GONE ? events.poll() : null;
    }

    private void startStream(HttpServerExchange exchange) {
        if (!streaming) {
            streaming = true;
            exchange.setStatusCode(200);
            exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, "text/event-stream; charset=utf-8").put(Headers.CACHE_CONTROL, "no-cache")
                .put(NO_PROXY_BUFFERING, "no");
        }
    }

    private void json(HttpServerExchange exchange, Event event) throws IOException, InterruptedException {
        watch.stop();
        Reply.head(exchange, event.status());
        exchange.getResponseHeaders().put(Headers.CONTENT_LENGTH, event.body().length);
        out.write(event.body());
    }
}
