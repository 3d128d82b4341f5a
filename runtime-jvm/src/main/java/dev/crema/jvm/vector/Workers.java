package dev.crema.jvm.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * The persistent threads of a device. A task is cut into numbered pieces; the caller and all workers take pieces until none is left, so that
 * all end together and one that sleeps delays nobody. Workers spin for a moment between tasks, then park. Running a task
 * allocates nothing.
 */
final class Workers implements AutoCloseable {
    /** A piece of a task; {@code thread} counts from 0 and picks the scratch memory. */
    interface Task {
        void run(int piece, int thread);
    }

    /** How often a worker looks for the next task before it parks: some 20 microseconds. */
    private static final int SPINS = 2_000;

    private final Thread[] threads;
    /** Number of the task in the upper half, pieces that nobody took yet in the lower: one compare-and-set takes a piece of a known task. */
    private final AtomicLong offered = new AtomicLong();
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicInteger parked = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private Task task;
    private volatile boolean closed;

    Workers(int count) {
        threads = new Thread[count - 1];
        for (int i = 0; i < threads.length; i++) {
            int number = i + 1;
            threads[i] = new Thread(() -> work(number), "crema-vector-" + number);
            threads[i].setDaemon(true);
            threads[i].start();
        }
    }

    /** Threads that run pieces, the caller among them. */
    int count() {
        return threads.length + 1;
    }

    /** Runs pieces {@code 0 .. pieces-1} and returns when all are done; one thread calls at a time. */
    void run(int pieces, Task next) {
        if (pieces <= 1 || threads.length == 0) {
            for (int i = 0; i < pieces; i++) {
                next.run(i, 0);
            }
            return;
        }
        task = next;
        unfinished.set(pieces);
        offered.set(((offered.get() >>> 32) + 1) << 32 | pieces);
        if (parked.get() > 0) {
            for (Thread thread : threads) {
                LockSupport.unpark(thread);
            }
        }
        takePieces(0);
        for (int spins = 0; unfinished.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        rethrow();
    }

    private void rethrow() {
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof RuntimeException e) {
            throw e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
    }

    /** Runs pieces while there are any; says whether there was one. */
    private boolean takePieces(int thread) {
        boolean worked = false;
        for (long state = offered.get(); (int) state > 0; state = offered.get()) {
            if (offered.compareAndSet(state, state - 1)) {
                try {
                    task.run((int) state - 1, thread);
                } catch (RuntimeException | Error e) {
                    failure.compareAndSet(null, e);
                }
                unfinished.decrementAndGet();
                worked = true;
            }
        }
        return worked;
    }

    private void work(int number) {
        int idle = 0;
        while (!closed) {
            if (takePieces(number)) {
                idle = 0;
            } else if (++idle < SPINS) {
                Thread.onSpinWait();
            } else {
                idle = 0;
                parked.incrementAndGet();
                // Looked at once more after being counted: a task that came in between saw nobody to wake.
                if ((int) offered.get() == 0 && !closed) {
                    LockSupport.park(this);
                }
                parked.decrementAndGet();
            }
        }
    }

    /** Ends the threads; a task under way is finished first. */
    @Override
    public void close() {
        closed = true;
        for (Thread thread : threads) {
            LockSupport.unpark(thread);
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
