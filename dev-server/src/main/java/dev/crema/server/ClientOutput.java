package dev.crema.server;

import io.undertow.server.HttpServerExchange;
import org.xnio.channels.StreamSinkChannel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The body of a reply, written by the one thread that owns the exchange. Where the client takes nothing it waits, without a selector of its own
 * (Undertow's blocking stream opens one for each thread), and gives up after a while.
 */
final class ClientOutput {
    private final HttpServerExchange exchange;
    private final long stallMillis;
    private final Semaphore writable = new Semaphore(0);
    private StreamSinkChannel channel;
    private volatile boolean gone;

    ClientOutput(HttpServerExchange exchange, long stallMillis) {
        this.exchange = exchange;
        this.stallMillis = stallMillis;
    }

    /** Writes all of it; the status and the headers must be set. */
    void write(byte[] bytes) throws IOException, InterruptedException {
        if (channel == null) {
            channel = exchange.getResponseChannel();
            if (channel == null) {
                throw new IOException("the connection is closed");
            }
            RequestLog.of(exchange).firstByte();
        }
        for (ByteBuffer buffer = ByteBuffer.wrap(bytes); buffer.hasRemaining(); ) {
            if (channel.write(buffer) == 0) {
                awaitWritable();
            }
        }
    }

    /** Hands everything to the network. */
    void flush() throws IOException, InterruptedException {
        while (!channel.flush()) {
            awaitWritable();
        }
    }

    /** Ends the body and hands it to the network. */
    void end() throws IOException, InterruptedException {
        channel.shutdownWrites();
        flush();
    }

    /** Called by another thread: whoever waits for the client need not any more. */
    void clientGone() {
        gone = true;
        writable.release();
    }

    private void awaitWritable() throws IOException, InterruptedException {
        writable.drainPermits();
        channel.getWriteSetter().set(ready -> {
            ready.suspendWrites();
            writable.release();
        });
        channel.resumeWrites();
        boolean ready = gone || writable.tryAcquire(stallMillis, TimeUnit.MILLISECONDS);
        if (gone || !ready) {
            channel.suspendWrites();
            throw new IOException(gone ? "the client has gone" : "the client took nothing for " + stallMillis + " ms");
        }
    }
}
