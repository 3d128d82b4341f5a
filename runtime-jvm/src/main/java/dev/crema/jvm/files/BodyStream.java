package dev.crema.jvm.files;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The body of a response as a stream that gives out every byte that arrived before it says that the connection broke. (The stream of
 * {@code BodyHandlers.ofInputStream} fails at once and drops what is still queued.) Closing it, from any thread, ends a waiting read with an
 * IOException.
 */
final class BodyStream extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
    private static final Object END = new Object();

    /** Lists of buffers, then {@link #END} or the Throwable by which it ended; at most one list at a time, since each is asked for. */
    private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
    private final Queue<ByteBuffer> buffers = new ArrayDeque<>();
    private volatile Flow.Subscription subscription;
    private volatile boolean closed;
    private Object end;

    @Override
    public CompletionStage<InputStream> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> list) {
        arrived.add(list);
    }

    @Override
    public void onError(Throwable failure) {
        arrived.add(failure);
    }

    @Override
    public void onComplete() {
        arrived.add(END);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (length > 0 && !closed && (buffers.isEmpty() || !buffers.peek().hasRemaining()) && end == null) {
            if (buffers.poll() == null) {
                take();
            }
        }
        if (closed) {
            throw new IOException("closed");
        }
        if (length == 0) {
            return 0;
        }
        if (end != null) {
            return ended();
        }
        ByteBuffer buffer = buffers.peek();
        int count = Math.min(length, buffer.remaining());
        buffer.get(target, offset, count);
        return count;
    }

    private int ended() throws IOException {
        if (end instanceof Throwable failure) {
            throw new IOException(failure.getMessage(), failure);
        }
        return -1;
    }

    @SuppressWarnings("unchecked")
    private void take() throws IOException {
        try {
            Object next = arrived.take();
            if (next instanceof List<?> list) {
                buffers.addAll((List<ByteBuffer>) list);
                subscription.request(1);
            } else {
                end = next;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        closed = true;
        Flow.Subscription given = subscription;
        if (given != null) {
            given.cancel();
        }
        arrived.add(END);
    }
}
