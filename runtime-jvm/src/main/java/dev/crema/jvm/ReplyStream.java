package dev.crema.jvm;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A reply as it is written, piece by piece: {@code for (String text : stream)}. Closing it early stops the generation and frees its memory.
 * One thread reads; {@link #close} may be called by any. {@code T} is what is known when the reply is over.
 */
public final class ReplyStream<T> implements Iterable<String>, Iterator<String>, AutoCloseable {
    private sealed interface Event<T> {
        record Text<T>(String delta) implements Event<T> { }

        record End<T>(T result) implements Event<T> { }

        record Failure<T>(CremaException error) implements Event<T> { }
    }

    private final LinkedBlockingQueue<Event<T>> events = new LinkedBlockingQueue<>();
    private final Cancellation cancellation;
    private final StringBuilder text = new StringBuilder();
    private Event<T> head;

    ReplyStream(Cancellation cancellation) {
        this.cancellation = cancellation;
    }

    void text(String delta) {
        if (!delta.isEmpty()) {
            events.add(new Event.Text<>(delta));
        }
    }

    void end(T result) {
        events.add(new Event.End<>(result));
    }

    void fail(CremaException error) {
        events.add(new Event.Failure<>(error));
    }

    /**
     * Waits for the next piece of text. False at the end of the reply, also where it was cancelled; throws the reply's error.
     */
    @Override
    public boolean hasNext() {
        if (head == null) {
            try {
                head = events.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                close();
                throw new CremaException(ErrorCode.CANCELLED, "Waiting for the reply was interrupted.", "", e);
            }
        }
        return switch (head) {
            case Event.Text<T> piece -> true;
            case Event.End<T> end -> false;
            case Event.Failure<T> failure -> {
                if (failure.error().code() == ErrorCode.CANCELLED && cancellation.isCancelled()) {
                    yield false;
                }
                throw failure.error();
            }
        };
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the reply is over");
        }
        String delta = ((Event.Text<T>) head).delta();
        head = null;
        text.append(delta);
        return delta;
    }

    @Override
    public Iterator<String> iterator() {
        return this;
    }

    /** The pieces as a stream that ends the generation when it is closed. */
    public Stream<String> stream() {
        var pieces = Spliterators.spliteratorUnknownSize(this, Spliterator.ORDERED | Spliterator.NONNULL);
        return StreamSupport.stream(pieces, false).onClose(this::close);
    }

    /** The text that was read so far. */
    public String text() {
        return text.toString();
    }

    /** Reads to the end and returns the whole reply; CANCELLED where there is none. */
    public T result() {
        while (hasNext()) {
            next();
        }
        if (head instanceof Event.End<T> end) {
            return end.result();
        }
        throw ((Event.Failure<T>) head).error();
    }

    /** Stops the generation if it still runs. */
    @Override
    public void close() {
        cancellation.cancel();
    }
}
