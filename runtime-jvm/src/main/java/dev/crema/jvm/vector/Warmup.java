package dev.crema.jvm.vector;

import dev.crema.graph.Activation;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Makes the JVM compile the hot loops before the first token needs them. Until C2 has compiled a vector loop, each vector is an object and the loop
 * hundreds of times slower, so a first prompt would take seconds; calling each loop some hundred times on a few numbers, in the
 * background while the model is loaded, takes a fraction of one. What only long prompts need comes when the first of them is there, and else
 * after the first step, or when there is none for a while.
 */
final class Warmup {
    private static final int STEPS = 16;
    /** Enough for loops over blocks; more would only take longer while vectors are objects. */
    private static final int SAMPLE_COLUMNS = 64;
    /** What a call and reading the clock twice take at most. */
    private static final long CALL_NANOS = 300;
    private static final long LIMIT_NANOS = 3_000_000_000L;
    /** Calls of a loop in a round; after so many rounds all loops wait for the compiler, which needs the processor more: then there are pauses. */
    private static final int ROUND_CALLS = 10;
    private static final int ROUNDS = 10;
    private static final long PAUSE_NANOS = 3_000_000;
    /** How long the loops of prompts wait for a first step that may not need them. */
    private static final long PROMPT_NANOS = 200_000_000;
    /** What makes the JVM compile a method with few loops of its own, as those are that call the innermost. */
    private static final int LEAST_CALLS = 600;
    /** Compiled code belongs to the JVM, so what all models share is warmed once. */
    private static final AtomicReference<Thread> SHARED = new AtomicReference<>();

    private final Set<Kind> kinds = new HashSet<>();
    /** What is under way: for every step, and for steps with many rows. */
    private final List<Thread> stepThreads = new ArrayList<>();
    private final List<Thread> promptThreads = new ArrayList<>();
    /** Loops for many rows that have no thread yet. */
    private final List<Loop> promptLoops = new ArrayList<>();
    /** When they may begin, in {@link System#nanoTime}. */
    private volatile long promptTime;
    private boolean multipliesFloats;
    private volatile boolean stopped;

    /** Weights that the same loops read. */
    private record Kind(DType format, boolean packed) { }

    /** Starts with what every model uses; does nothing the second time. */
    static void prepare() {
        Thread thread = thread(() -> run(shared(), () -> false));
        if (SHARED.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    /**
     * Goes on with the number formats of a model: one matrix stands for all of its format, and its elements may be anything. The loops that only
     * steps with many rows need wait for {@link #preparePrompts}.
     */
    void formatsOf(Collection<Matrix> matrices) {
        var loops = new ArrayList<Loop>();
        for (Matrix matrix : matrices) {
            if (kinds.add(new Kind(matrix.format(), matrix.packed()))) {
                addLoops(matrix, loops);
            }
        }
        if (!loops.isEmpty()) {
            begin(stepThreads, () -> run(loops, () -> stopped));
        }
    }

    /** Begins with the loops that only steps with many rows need, in a while if no step comes. */
    void preparePrompts() {
        if (!promptLoops.isEmpty()) {
            List<Loop> loops = List.copyOf(promptLoops);
            promptLoops.clear();
            promptTime = System.nanoTime() + PROMPT_NANOS;
            begin(promptThreads, () -> {
                while (!stopped && promptTime - System.nanoTime() > 0) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                run(loops, () -> stopped);
            });
        }
    }

    private static void begin(List<Thread> threads, Runnable task) {
        Thread thread = thread(task);
        threads.add(thread);
        thread.start();
    }

    /** Waits for the loops of a step to be compiled, with few rows or with many; at once when they are. Others hold back until {@link #stepEnds}. */
    void await(boolean many) {
        promptTime = System.nanoTime() + (many ? 0 : LIMIT_NANOS);
        if (!stepThreads.isEmpty() || many && !promptThreads.isEmpty()) {
            try {
                SHARED.get().join();
                join(stepThreads);
                if (many) {
                    join(promptThreads);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Lets the loops of prompts begin. */
    void stepEnds() {
        promptTime = System.nanoTime();
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        while (!threads.isEmpty()) {
            threads.getLast().join();
            threads.removeLast();
        }
    }

    /** Ends what still runs, and waits for it: the weights that it reads may be unmapped after this. */
    void stop() {
        stopped = true;
        boolean interrupted = false;
        while (!stepThreads.isEmpty() || !promptThreads.isEmpty()) {
            try {
                join(stepThreads);
                join(promptThreads);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "crema-vector-warmup");
        thread.setDaemon(true);
        return thread;
    }

    private static List<Loop> shared() {
        float[] numbers = new float[Tile.ROWS * Tile.COLUMNS * STEPS];
        float[] tile = new float[Tile.ROWS * Tile.STRIDE];
        int[] from = new int[Tile.ROWS];
        float[] weight = new float[64];
        return List.of(new Loop(250 * STEPS, () -> Tile.add(numbers, from, numbers, 0, numbers, 0, STEPS, tile)),
            new Loop(125 * STEPS, () -> Tile.addRow(numbers, 0, numbers, 0, STEPS, tile, 0)),
            new Loop(20 * 64, () -> Exp.softmax(numbers, 0, 61, 1, Float.NEGATIVE_INFINITY)),
            new Loop(20 * 64, () -> Activations.gated(Activation.SILU, numbers, weight, tile, 0, 61)),
            new Loop(CALL_NANOS + 8 * 64, () -> RowKernel.normalise(numbers, 0, weight, 1, numbers)),
            new Loop(CALL_NANOS + 4 * 64, () -> RowKernel.add(numbers, numbers, numbers, 0, 64)));
    }

    private static Loop gemmTile() {
        float[] panel = new float[GemmTile.COLUMNS * STEPS];
        float[] rows = new float[GemmTile.ROWS * STEPS];
        float[] tile = new float[GemmTile.ROWS * GemmTile.COLUMNS];
        return new Loop(250 * STEPS, () -> GemmTile.multiply(rows, 0, panel, STEPS, tile));
    }

    private void addLoops(Matrix matrix, List<Loop> loops) {
        if (!IntGemm.supports(matrix) && !multipliesFloats) {
            multipliesFloats = true;
            promptLoops.add(gemmTile());
        }
        int count = Math.min(matrix.columns(), Math.max(128, matrix.format().blockSize()));
        float[] numbers = new float[count];
        if (matrix.packed()) {
            int columns = Math.min(matrix.columns(), Math.max(SAMPLE_COLUMNS, matrix.format().blockSize()));
            addPackedLoops(new Matrix(matrix.format(), matrix.rows(), columns, matrix.bytes(), true), loops);
            return;
        }
        if (Dot.supports(matrix.format())) {
            loops.add(new Loop(CALL_NANOS + 8L * count, () -> Dot.dot(matrix.format(), matrix.bytes(), 0, numbers, 0, count)));
        }
        loops.add(new Loop(CALL_NANOS + 8L * count, () -> matrix.decode(0, 0, count, numbers, 0)));
        if (matrix.format() == DType.Q8_0) {
            var scratch = new Scratch(0);
            int rows = Math.min(matrix.rows(), GemmTile.COLUMNS);
            promptLoops.add(new Loop(CALL_NANOS + 64L * count, () -> BytePanel.fill(matrix, 0, rows, 0, count, scratch)));
        }
    }

    private void addPackedLoops(Matrix matrix, List<Loop> loops) {
        int count = Math.min(matrix.columns(), Packed.SUPER_BLOCK);
        var few = new Matrix(matrix.format(), Packed.ROWS, count, matrix.bytes(), true);
        var x = new IntRows(2, count);
        var scratch = new Scratch(0);
        float[] numbers = new float[Packed.ROWS * count];
        float[] xs = xs(count);
        long nanos = CALL_NANOS + 8L * count;
        loops.add(new Loop(CALL_NANOS + 3L * count, () -> x.set(xs, 1)));
        loops.add(new Loop(nanos, () -> PackedDot.multiply(x, 0, few, 0, null, numbers, 0, scratch)));
        loops.add(new Loop(2 * nanos, () -> PackedDot.multiply(x, 0, 1, few, 0, null, numbers, 0, 1, scratch)));
        if (!IntGemm.supports(matrix)) {
            promptLoops.add(new Loop(CALL_NANOS + 32L * count, () -> PackedPanel.fill(few, 0, 0, count, scratch)));
            return;
        }
        var tiles = new IntTiles();
        tiles.reserve(RowTiles.size(1, count));
        tiles.prepare();
        var rows = RowList.consecutive(1);
        rows.count = 1;
        var part = new MatMulKernel.Part(few, null, numbers);
        promptLoops.add(new Loop(CALL_NANOS + 3L * count, () -> tiles.put(xs, count, rows, 0, 1, scratch.words)));
        promptLoops.add(new Loop(CALL_NANOS + 100L * count, () -> IntGemm.multiply(tiles, rows, part, 0, 1, scratch)));
    }

    /** A block of zeros, which has no scale, and others: what loops don't meet now, the JVM takes for impossible and compiles them again when it comes. */
    private static float[] xs(int count) {
        float[] xs = new float[count];
        Arrays.fill(xs, IntRows.BLOCK, count, 1);
        return xs;
    }

    /** Calls all in turn, so that one is called while another is compiled, until each is fast or time is up. */
    private static void run(List<Loop> loops, BooleanSupplier stopped) {
        var slow = new ArrayList<>(loops);
        long end = System.nanoTime() + LIMIT_NANOS;
        for (int round = 0; !slow.isEmpty() && !stopped.getAsBoolean() && System.nanoTime() < end; round++) {
            slow.removeIf(Loop::isFast);
            if (round >= ROUNDS) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    /** A loop to be compiled; {@code fastNanos} is what a call takes at most once it is, with room for slow machines. */
    private record Loop(long fastNanos, Runnable call) {
        /** Whether three calls of ten were as fast as only compiled code is; then there are so many that what calls the loop is compiled as well. */
        boolean isFast() {
            int fast = 0;
            for (int i = 0; i < ROUND_CALLS; i++) {
                long start = System.nanoTime();
                call.run();
                fast += System.nanoTime() - start <= fastNanos ? 1 : 0;
            }
            for (int i = 0; fast > 2 && i < LEAST_CALLS; i++) {
                call.run();
            }
            return fast > 2;
        }
    }
}
