package dev.crema.server;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import org.xnio.XnioExecutor;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.StreamSourceConduit;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Notices at once that a client has gone while its reply is computed. Undertow looks at a connection again only when the reply is written,
 * which for a long prompt is much too late. Bytes that arrive meanwhile (a pipelined request) are given back to Undertow. Closing the
 * connection is left to the thread that writes the reply: Undertow frees the buffers of a closed one, also those that are being written.
 * Of HTTP/2, where a stream is not a connection, it is looked at several times a second.
 */
final class DisconnectWatch {
    private static final long LOOK_MILLIS = 100;

    private final HttpServerConnection connection;
    private final Runnable onGone;
    private boolean stopped;
    private XnioExecutor.Key looks;

    private DisconnectWatch(HttpServerConnection connection, Runnable onGone) {
        this.connection = connection;
        this.onGone = onGone;
    }

    /** Watches from now on; the request must have been read to its end. */
    static DisconnectWatch start(HttpServerExchange exchange, Runnable onGone) {
        var connection = exchange.getConnection() instanceof HttpServerConnection http ? http : null;
        var watch = new DisconnectWatch(connection, onGone);
        if (connection != null && exchange.isRequestComplete() && connection.getExtraBytes() == null) {
            connection.getIoThread().execute(watch::listen);
        }
        Http2Stream stream = Http2Stream.of(exchange);
        if (stream != null) {
            watch.look(stream, exchange);
        }
        return watch;
    }

    private synchronized void look(Http2Stream stream, HttpServerExchange exchange) {
        looks = exchange.getIoThread().executeAtInterval(() -> {
            if (!stream.isOpen() && stop()) {
                onGone.run();
            }
        }, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private synchronized void listen() {
        if (!stopped) {
            connection.getChannel().getSourceChannel().setReadListener(channel -> readable(channel));
            connection.getOriginalSourceConduit().resumeReads();
        }
    }

    private void readable(ConduitStreamSourceChannel channel) {
        if (probe() && stop()) {
            onGone.run();
        }
    }

    /** True when the other side has ended the connection. */
    private synchronized boolean probe() {
        StreamSourceConduit conduit = connection.getOriginalSourceConduit();
        if (stopped) {
            return false;
        }
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        boolean keep = false;
        try {
            int count = conduit.read(pooled.getBuffer());
            if (count > 0) {
                conduit.suspendReads();
                pooled.getBuffer().flip();
                connection.ungetRequestBytes(pooled);
                keep = true;
                stopped = true;
            }
            return count < 0;
        } catch (IOException e) {
            return true; // A reset is how most clients leave.
        } finally {
            if (!keep) {
                pooled.close();
            }
        }
    }

    /** Ends watching, before the exchange ends and Undertow listens for the next request itself; false where that had been done before. */
    synchronized boolean stop() {
        if (stopped) {
            return false;
        }
        stopped = true;
        if (connection != null) {
            connection.getOriginalSourceConduit().suspendReads();
        }
        if (looks != null) {
            looks.remove();
        }
        return true;
    }
}
