package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.Engine;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one thread that an engine and its device are used from. It loads the engine, runs commands as they come and steps while there is work;
 * without work it sleeps.
 */
final class EngineThread implements AutoCloseable {
    /** A command; {@code failure} is null unless the engine is gone. */
    @FunctionalInterface
    interface Command {
        void run(Engine engine, CremaException failure);
    }

    private static final long CLOSE_TIMEOUT_SECONDS = 30;
    private static final long HELD_MILLIS = 10;

    private final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
    private final Thread thread;
    private final FutureTask<Engine> loaded;
    private final Runnable cleanup;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Object gate = new Object();
    private boolean closed;
    private CremaException failure;

    /**
     * Starts the thread. {@code load} makes the engine, {@code cleanup} frees what it stands on after the engine is closed (or was never made);
     * both run in the thread.
     */
    EngineThread(Supplier<Engine> load, Runnable cleanup) {
        loaded = new FutureTask<>(load::get);
        this.cleanup = cleanup;
        thread = Thread.ofPlatform().name("crema-engine").daemon().start(this::run);
    }

    /** Waits until the engine is there; rethrows why it could not be made. */
    Engine awaitLoaded() {
        try {
            return loaded.get();
        } catch (ExecutionException e) {
            throw asCrema(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CremaException(ErrorCode.CANCELLED, "Loading was interrupted.", "", e);
        }
    }

    /** Hands a command to the thread; it hears a failure when the engine is closed or gone. Never blocks. */
    void submit(Command command) {
        synchronized (gate) {
            if (!closed) {
                commands.add(command);
                return;
            }
        }
        command.run(null, new CremaException(ErrorCode.CLOSED, "The engine is closed.", ""));
    }

    private void run() {
        loaded.run();
        try {
            Engine engine = loaded.resultNow();
            loop(engine);
        } catch (IllegalStateException e) {
            if (loaded.state() != FutureTask.State.FAILED) {
                throw e;
            }
            failure = asCrema(loaded.exceptionNow());
            closeGate();
        } finally {
            drain();
            cleanup.run();
            ended.countDown();
        }
    }

    private void loop(Engine engine) {
        try {
            while (!isClosed() || !commands.isEmpty()) {
                Command command = nextCommand(engine);
                if (command != null) {
                    command.run(engine, null);
                } else {
                    engine.awaitStep();
                }
            }
        } catch (InterruptedException e) {
            failure = new CremaException(ErrorCode.CLOSED, "The engine's thread was interrupted.", "", e);
        } catch (RuntimeException | Error e) {
            failure = asCrema(e);
        } finally {
            closeGate();
            engine.close();
        }
    }

    /** Null when a step is to be made: at once, or after a while where all that there is to do is held by those who asked for it. */
    private Command nextCommand(Engine engine) throws InterruptedException {
        if (!engine.hasWork()) {
            return commands.take();
        }
        return engine.isHeld() ? commands.poll(HELD_MILLIS, TimeUnit.MILLISECONDS) : commands.poll();
    }

    /** Whether commands still reach the engine. */
    boolean isOpen() {
        return !isClosed();
    }

    private boolean isClosed() {
        synchronized (gate) {
            return closed;
        }
    }

    private void closeGate() {
        synchronized (gate) {
            closed = true;
        }
    }

    private void drain() {
        CremaException reason = failure == null ? new CremaException(ErrorCode.CLOSED, "The engine is closed.", "") : failure;
        for (Command command = commands.poll(); command != null; command = commands.poll()) {
            command.run(null, reason);
        }
    }

    private static CremaException asCrema(Throwable e) {
        if (e instanceof CremaException known) {
            return known;
        }
        if (e instanceof OutOfMemoryError) {
            return new CremaException(ErrorCode.OUT_OF_MEMORY, "The JVM ran out of memory (heap limit " + (Runtime.getRuntime().maxMemory() >> 20)
                + " MB).", "Give it more with JAVA_TOOL_OPTIONS=-Xmx..., or use a smaller context or model.", e);
        }
        return new CremaException(ErrorCode.INTERNAL, "The engine stopped on an unexpected error: " + e + ".", "Please report it.", e);
    }

    /** Fails what is running with CLOSED, frees everything and waits for the thread's end. */
    @Override
    public void close() {
        synchronized (gate) {
            if (!closed) {
                closed = true;
                commands.add((engine, reason) -> { }); // Wakes the thread.
            }
        }
        if (Thread.currentThread() == thread) {
            return; // Closed by a listener: the loop ends after it.
        }
        try {
            if (!ended.await(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new CremaException(ErrorCode.INTERNAL, "The engine's thread did not end within " + CLOSE_TIMEOUT_SECONDS + " s.", "");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
