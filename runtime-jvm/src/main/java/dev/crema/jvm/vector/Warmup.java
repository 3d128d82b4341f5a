package dev.crema.jvm.vector;

import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * Makes the JVM compile the hot loops before the first token needs them. Until C2 has compiled a vector loop, each vector is an object and the loop
 * hundreds of times slower, so a first prompt would take seconds; calling each loop a few thousand times on a few numbers, in the
 * background while the model is opened, takes a fraction of one.
 */
final class Warmup {
    private static final int STEPS = 16;
    /** What a call and reading the clock twice take at most. */
    private static final long CALL_NANOS = 300;
    private static final long LIMIT_NANOS = 3_000_000_000L;
    /** Compiled code belongs to the JVM, so what all models share is warmed once. */
    private static final AtomicReference<Thread> SHARED = new AtomicReference<>();

    private Thread formats;
    private volatile boolean stopped;

    /** Starts with what every model uses; does nothing the second time. */
    static void prepare() {
        Thread thread = thread(() -> run(shared(), () -> false));
        if (SHARED.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    /** Goes on with the number formats of a model: one matrix stands for all of its format. */
    void formatsOf(Collection<Matrix> matrices) {
        Map<DType, Matrix> samples = new EnumMap<>(DType.class);
        for (Matrix matrix : matrices) {
            samples.putIfAbsent(matrix.format(), matrix);
        }
        var loops = new ArrayList<Loop>();
        samples.values().forEach(matrix -> addLoops(matrix, loops));
        if (!samples.values().stream().allMatch(IntGemm::supports)) {
            loops.add(gemmTile());
        }
        formats = thread(() -> run(loops, () -> stopped));
        formats.start();
    }

    /** Waits for the loops to be compiled; at once when they are. */
    void await() {
        if (formats == null) {
            return;
        }
        try {
            SHARED.get().join();
            formats.join();
            formats = null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends what still runs, and waits for it: the weights that it reads may be unmapped after this. */
    void stop() {
        stopped = true;
        boolean interrupted = false;
        while (formats != null) {
            try {
                formats.join();
                formats = null;
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
        return List.of(new Loop(250 * STEPS, () -> Tile.add(numbers, from, numbers, 0, numbers, 0, STEPS, tile)),
            new Loop(125 * STEPS, () -> Tile.addRow(numbers, 0, numbers, 0, STEPS, tile, 0)),
            new Loop(20 * 64, () -> Exp.softmax(numbers, 0, 64, 1, Float.NEGATIVE_INFINITY)),
            new Loop(20 * 64, () -> Exp.siluGated(numbers, numbers, numbers, 0, 64)));
    }

    private static Loop gemmTile() {
        float[] panel = new float[GemmTile.COLUMNS * STEPS];
        float[] rows = new float[GemmTile.ROWS * STEPS];
        float[] tile = new float[GemmTile.ROWS * GemmTile.COLUMNS];
        return new Loop(250 * STEPS, () -> GemmTile.multiply(rows, 0, panel, STEPS, tile));
    }

    private static void addLoops(Matrix matrix, List<Loop> loops) {
        int count = Math.min(matrix.columns(), Math.max(128, matrix.format().blockSize()));
        float[] numbers = new float[count];
        if (matrix.packed()) {
            addPackedLoops(matrix, loops);
            return;
        }
        if (Dot.supports(matrix.format())) {
            loops.add(new Loop(CALL_NANOS + 8L * count, () -> Dot.dot(matrix.format(), matrix.bytes(), 0, numbers, 0, count)));
        }
        loops.add(new Loop(CALL_NANOS + 8L * count, () -> matrix.decode(0, 0, count, numbers, 0)));
        if (matrix.format() == DType.Q8_0) {
            var scratch = new Scratch(0);
            int rows = Math.min(matrix.rows(), GemmTile.COLUMNS);
            loops.add(new Loop(CALL_NANOS + 64L * count, () -> BytePanel.fill(matrix, 0, rows, 0, count, scratch)));
        }
    }

    private static void addPackedLoops(Matrix matrix, List<Loop> loops) {
        int count = Math.min(matrix.columns(), Packed.SUPER_BLOCK);
        var few = new Matrix(matrix.format(), Packed.ROWS, count, matrix.bytes(), true);
        var x = IntRows.few(2, count);
        var scratch = new Scratch(0);
        float[] numbers = new float[Packed.ROWS * count];
        long nanos = CALL_NANOS + 8L * count;
        loops.add(new Loop(CALL_NANOS + 3L * count, () -> x.set(numbers, 1)));
        loops.add(new Loop(nanos, () -> PackedDot.multiply(x, 0, few, 0, null, numbers, 0, scratch)));
        loops.add(new Loop(2 * nanos, () -> PackedDot.multiply(x, 0, 1, few, 0, null, numbers, 0, 1, scratch)));
        if (!IntGemm.supports(matrix)) {
            loops.add(new Loop(CALL_NANOS + 32L * count, () -> PackedPanel.fill(few, 0, 0, count, scratch.panel, scratch.decoded)));
            return;
        }
        var many = IntRows.many(1, count);
        var rows = RowList.consecutive(1);
        rows.count = 1;
        var part = new MatMulKernel.Part(few, null, numbers);
        loops.add(new Loop(CALL_NANOS + 3L * count, () -> many.set(numbers, 0, 1)));
        loops.add(new Loop(CALL_NANOS + 100L * count, () -> IntGemm.multiply(many, rows, part, 0, 1, scratch)));
    }

    /** Calls all in turn, so that one is called while another is compiled, until each is fast or time is up. */
    private static void run(List<Loop> loops, BooleanSupplier stopped) {
        var slow = new ArrayList<>(loops);
        long end = System.nanoTime() + LIMIT_NANOS;
        while (!slow.isEmpty() && !stopped.getAsBoolean() && System.nanoTime() < end) {
            slow.removeIf(Loop::isFast);
        }
    }

    /** A loop to be compiled; {@code fastNanos} is what a call takes at most once it is, with room for slow machines. */
    private record Loop(long fastNanos, Runnable call) {
        /** Whether three calls of ten were as fast as only compiled code is. */
        boolean isFast() {
            int fast = 0;
            for (int i = 0; i < 10; i++) {
                long start = System.nanoTime();
                call.run();
                fast += System.nanoTime() - start <= fastNanos ? 1 : 0;
            }
            return fast > 2;
        }
    }
}
