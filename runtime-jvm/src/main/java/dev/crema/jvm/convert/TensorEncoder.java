package dev.crema.jvm.convert;

import dev.crema.quant.Quant;
import dev.crema.quant.Quantizer;
import dev.crema.quant.Rounding;
import dev.crema.tensor.DType;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.function.LongConsumer;

/** Reads a tensor's rows, writes them in another format: a run of rows a thread at a time, in order, a few runs in memory at most. */
final class TensorEncoder {
    /** Elements of a run: some milliseconds of work. */
    private static final int RUN_ELEMENTS = 1 << 18;

    private final Rounding rounding;
    private final ExecutorService workers;
    private final int ahead;

    TensorEncoder(Rounding rounding, ExecutorService workers, int threads) {
        this.rounding = rounding;
        this.workers = workers;
        ahead = 2 * threads;
    }

    /** {@code importance} is of the columns, for each expert of a stack or for all rows, or null; {@code written} hears of each run's bytes. */
    void write(PlannedTensor tensor, float[] importance, OutputStream out, LongConsumer written) throws IOException {
        int rowsOfRun = Math.max(1, RUN_ELEMENTS / Math.max(1, tensor.columns()));
        var running = new ArrayDeque<CompletableFuture<byte[]>>();
        try {
            for (long row = 0; row < tensor.rows() || !running.isEmpty();) {
                while (row < tensor.rows() && running.size() < ahead) {
                    long first = row;
                    int count = (int) Math.min(rowsOfRun, tensor.rows() - row);
                    // Read here and in order: what is converted while it is read would else be made by every thread.
                    byte[] source = read(tensor, first, count);
                    running.add(CompletableFuture.supplyAsync(() -> encode(tensor, rowsOf(importance, tensor, first, count), source), workers));
                    row += count;
                }
                byte[] bytes = join(running.remove());
                out.write(bytes);
                written.accept(bytes.length);
            }
        } finally {
            // No work is left behind when this ends early.
            running.forEach(run -> run.handle((bytes, failure) -> null).join());
        }
    }

    private static byte[] join(CompletableFuture<byte[]> run) {
        try {
            return run.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        }
    }

    private byte[] encode(PlannedTensor tensor, float[] importance, byte[] source) {
        DType from = tensor.from().dtype();
        if (from == tensor.to() && tensor.addend() == 0) {
            return source;
        }
        int elements = (int) (source.length / from.blockBytes() * from.blockSize());
        float[] values = new float[elements];
        Quant.dequantize(from, source, 0, values, 0, elements);
        for (int i = 0; tensor.addend() != 0 && i < elements; i++) {
            values[i] += tensor.addend();
        }
        byte[] bytes = new byte[(int) tensor.to().bytes(elements)];
        Quantizer.of(tensor.to(), rounding).quantize(values, importance, 0, bytes, 0, elements);
        return bytes;
    }

    private static byte[] read(PlannedTensor tensor, long firstRow, int count) {
        int rowBytes = (int) tensor.from().dtype().bytes(tensor.columns());
        byte[] bytes = new byte[Math.multiplyExact(rowBytes, count)];
        tensor.from().bytes().awaitRead(firstRow * rowBytes, bytes, 0, bytes.length);
        return bytes;
    }

    /** The importance of each element of {@code count} rows from {@code first} on; null where it is of another shape than the tensor. */
    private static float[] rowsOf(float[] importance, PlannedTensor tensor, long first, int count) {
        int columns = tensor.columns();
        if (importance == null || columns == 0 || importance.length == 0 || importance.length % columns != 0 || tensor.rows() % (importance.length / columns) != 0) {
            return null;
        }
        long rowsOfExpert = tensor.rows() / (importance.length / columns);
        float[] all = new float[columns * count];
        for (int i = 0; i < count; i++) {
            System.arraycopy(importance, (int) ((first + i) / rowsOfExpert) * columns, all, i * columns, columns);
        }
        return all;
    }
}
