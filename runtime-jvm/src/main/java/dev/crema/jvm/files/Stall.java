package dev.crema.jvm.files;

import dev.crema.Cancellation;

import java.io.IOException;
import java.io.InputStream;

/**
 * Closes a stream that is being read when nothing has arrived for too long or the reader was cancelled: a blocking read has neither a time
 * limit nor an ear for {@link Cancellation}.
 */
final class Stall implements AutoCloseable {
    private static final long TICK_MILLIS = 100;

    private final InputStream stream;
    private final Cancellation cancellation;
    private final long limitNanos;
    private final Thread thread;
    private volatile long lastNanos = System.nanoTime();
    private volatile boolean stalled;

    Stall(InputStream stream, long limitMillis, Cancellation cancellation) {
        this.stream = stream;
        this.cancellation = cancellation;
        limitNanos = limitMillis * 1_000_000;
        thread = Thread.ofVirtual().name("crema-stall").start(this::watch);
    }

    private void watch() {
        try {
            while (!cancellation.isCancelled()) {
                Thread.sleep(TICK_MILLIS);
                if (System.nanoTime() - lastNanos > limitNanos) {
                    stalled = true;
                    break;
                }
            }
            stream.close();
        } catch (InterruptedException e) {
            // The reader is done.
        } catch (IOException e) {
            // Closing was meant to break the read, and it did.
        }
    }

    /** Bytes arrived. */
    void alive() {
        lastNanos = System.nanoTime();
    }

    boolean stalled() {
        return stalled;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
