package dev.crema.engine;

import dev.crema.Clock;
import dev.crema.device.Executable;

/**
 * Turns token prompts into texts: many at once, one step at a time. One thread only: the platform calls {@link #awaitStep} while
 * {@link #hasWork}, and everything else from that same thread.
 */
public final class Engine implements AutoCloseable {
    public Engine(Model model, Executable executable, EngineOptions options, Clock clock) {
        throw new UnsupportedOperationException();
    }

    public Model model() {
        throw new UnsupportedOperationException();
    }

    /** Queues a request. Errors of the request itself (too long, no token) are thrown; later ones reach the listener. */
    public void submit(GenerationRequest request, GenerationListener listener) {
        throw new UnsupportedOperationException();
    }

    public boolean hasWork() {
        throw new UnsupportedOperationException();
    }

    /** Runs one batch of prefill chunks and decode steps; suspends once at most. */
    public void awaitStep() {
        throw new UnsupportedOperationException();
    }

    /** Fails what is still running with {@code CLOSED} and frees the KV cache and the executable. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
