package dev.crema.device;

import dev.crema.graph.Value;

/** A compiled graph with its own KV pool. Closing it frees its buffers and leaves the device's weights. */
public interface Executable extends AutoCloseable {
    Limits limits();

    /** The pages that this executable's attention ops read and write. */
    KvPool kvPool();

    /** What the cache's pages hold; null where it can't be read and written. */
    default KvPages kvPages() {
        return null;
    }

    /** Sets a graph input (or presets an output, row by row) from the host: {@code rows * channels} floats, rows at most the limit's. */
    void write(Value value, float[] data);

    /**
     * The whole buffer of a graph input or output, rows beyond the last batch included: what {@link #write} set and steps changed since. For
     * tests and taps; waits for all steps submitted so far.
     */
    float[] awaitRead(Value value);

    /**
     * Starts one step and returns without waiting. The batch must hold the limits; sequences grow by their tokens at once, so that the
     * next batch may be built while this one runs.
     */
    Step submit(Batch batch);

    /**
     * How many rows a step may have to be computed in the form of decode steps. More are computed in another form, which may round differently
     * (activations in 8 bits). MAX_VALUE where any number of rows comes out alike, but for the order of sums.
     */
    default int decodeRows() {
        return Integer.MAX_VALUE;
    }

    /** Whether steps run on while the host does other things, so that it is worth having several under way. */
    default boolean isAsynchronous() {
        return false;
    }

    @Override
    void close();
}
