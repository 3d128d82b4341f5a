package dev.crema.jvm.vector;

import dev.crema.CremaException;
import dev.crema.graph.Weight;
import dev.crema.jvm.files.MappedBytes;
import dev.crema.tensor.Shape;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Weights of mapped files that are packed after the first step and not before it: as much new memory as a model needs takes the system up to a second,
 * and the first token need not wait for that. In the first step the weights of a kernel are packed where those of the next will be, which the last cache
 * holds. The layout is the same, and so are all results.
 *
 * <p>They are packed for good when the second step begins, or on a thread of their own when no step comes.
 */
final class LateWeights implements AutoCloseable {
    /** Models that take more are packed while they are loaded: that is a wait of seconds, which has progress and can be cancelled there. */
    static final long MOST_BYTES = 2L << 30;
    /** What is lent to a kernel; a weight that does not fit is packed for good. */
    private static final long LENT_BYTES = 64L << 20;
    /** How long a first step is waited for, and a second one. */
    private static final long FIRST_NANOS = 500_000_000;
    private static final long SECOND_NANOS = 20_000_000;

    /** A weight with its bytes, and the memory that it will have. */
    record Late(Weight weight, MappedBytes bytes, MemorySegment target) {
        void pack(MemorySegment to, Workers workers) {
            Repacker.pack(weight, bytes.segment(), bytes, to, workers);
        }
    }

    private final Workers workers;
    private final long lentBytes;
    /** Held by a step, and while all are packed. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<Matrix, Late> waiting = new LinkedHashMap<>();
    private final List<Matrix> borrowers = new ArrayList<>();
    private Arena lentArena;
    private MemorySegment lent;
    private Thread thread;
    private boolean stepped;
    /** When all are packed if no step comes, in {@link System#nanoTime}. */
    private long dueNanos;
    private volatile boolean done = true;
    private volatile boolean closed;

    LateWeights(Workers workers) {
        this(workers, LENT_BYTES);
    }

    LateWeights(Workers workers, long lentBytes) {
        this.workers = workers;
        this.lentBytes = lentBytes;
    }

    /** Whether a weight can wait; a stack is as large as a model, and one step needs few of its matrices. */
    static boolean canWait(Weight weight) {
        return weight.shape().rank() == 2;
    }

    /** The first rows of a weight, already where they will be: loops may be warmed with them. */
    Matrix sample(Late late) {
        Weight weight = late.weight;
        var some = new Weight(weight.name(), weight.dtype(), Shape.of(Packed.ROWS, weight.shape().last()));
        Repacker.pack(some, late.bytes.segment(), late.bytes, late.target.asSlice(0, Repacker.bytes(some)), workers);
        return new Matrix(weight.dtype(), Packed.ROWS, weight.shape().last(), late.target, true);
    }

    /** Takes weights that wait for a step, and makes their matrices, by name; those of before have been packed, see {@link #finish}. */
    Map<String, Matrix> begin(List<Late> weights) {
        var matrices = new HashMap<String, Matrix>();
        for (Late late : weights) {
            Matrix matrix = Matrix.late(late.weight, late.bytes.segment());
            matrices.put(late.weight.name(), matrix);
            waiting.put(matrix, late);
        }
        if (waiting.isEmpty()) {
            return matrices;
        }
        done = false;
        stepped = false;
        dueNanos = System.nanoTime() + FIRST_NANOS;
        thread = new Thread(this::awaitIdle, "crema-vector-pack");
        thread.setDaemon(true);
        thread.start();
        return matrices;
    }

    private void awaitIdle() {
        lock.lock();
        try {
            while (!done && !closed) {
                long nanos = dueNanos - System.nanoTime();
                if (nanos <= 0) {
                    packAll();
                } else {
                    changed.awaitNanos(nanos);
                }
            }
        } catch (CremaException | InterruptedException e) {
            // What can't be read now can't be read by the next step either, and that has somebody to tell.
        } finally {
            lock.unlock();
        }
    }

    /** Whether none waits any more. */
    boolean isDone() {
        return done;
    }

    /** Packs what still waits. */
    void finish() {
        lock.lock();
        try {
            packAll();
        } finally {
            lock.unlock();
        }
    }

    private void packAll() {
        free();
        for (var entries = waiting.entrySet().iterator(); entries.hasNext() && !closed; ) {
            var entry = entries.next();
            packForGood(entry.getKey(), entry.getValue());
            entries.remove();
        }
        done = waiting.isEmpty();
        changed.signalAll();
    }

    private void packForGood(Matrix matrix, Late late) {
        late.pack(late.target, workers);
        matrix.setBytes(late.target);
    }

    /** Before a step; to be followed by {@link #stepEnds}, also where this fails. */
    void stepBegins() {
        if (done) {
            return;
        }
        lock.lock();
        if (stepped) {
            packAll();
        }
        stepped = true;
    }

    /** Packs the weights of the next kernel, if they still wait; what others had is taken back. */
    void lend(Matrix[] matrices) {
        if (done || matrices.length == 0) {
            return;
        }
        takeBack();
        if (lent == null) {
            lentArena = Arena.ofShared();
            lent = WeightMemory.allocate(lentBytes, lentArena);
        }
        long at = 0;
        for (Matrix matrix : matrices) {
            Late late = waiting.get(matrix);
            if (late == null || matrix.bytes() != null) {
                continue;
            }
            long size = late.target.byteSize();
            if (size > lentBytes - at) {
                packForGood(matrix, late);
                waiting.remove(matrix);
                continue;
            }
            MemorySegment slice = lent.asSlice(at, size);
            late.pack(slice, workers);
            matrix.setBytes(slice);
            borrowers.add(matrix);
            at += size;
        }
    }

    void stepEnds() {
        if (!lock.isHeldByCurrentThread()) {
            return;
        }
        takeBack();
        dueNanos = System.nanoTime() + SECOND_NANOS;
        lock.unlock();
    }

    private void takeBack() {
        for (Matrix matrix : borrowers) {
            matrix.setBytes(null);
        }
        borrowers.clear();
    }

    private void free() {
        takeBack();
        if (lentArena != null) {
            lentArena.close();
            lentArena = null;
            lent = null;
        }
    }

    /** Leaves what is not packed as it is. No step may run. */
    @Override
    public void close() {
        closed = true;
        lock.lock();
        try {
            changed.signalAll();
            free();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread != null) {
            try {
                thread.join();
                thread = null;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
