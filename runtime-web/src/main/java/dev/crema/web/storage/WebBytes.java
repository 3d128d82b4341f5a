package dev.crema.web.storage;

import dev.crema.Cancellation;
import dev.crema.device.Bytes;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * Bytes of a file in the browser: on the network, in the page's store, or picked by the user. Their contents stay opaque
 * JavaScript objects; a WebGPU device hands them on to its queue without a Java array between.
 */
public interface WebBytes extends Bytes {
    /** The whole file that this is a part of: the same object for all slices of one file, so that many parts can be read in one pass over it. */
    WebBytes file();

    /** Where this part begins in the file. */
    long offset();

    @Override
    WebBytes slice(long offset, long length);

    /**
     * Streams this part front to back, as it comes from the network or the store: {@code position} counts from this part's start, chunks
     * follow each other without gap. Suspends; returns when all has been delivered.
     */
    void awaitStream(ChunkConsumer consumer, Cancellation cancellation);

    /** Takes a chunk, and may wait until there is room for the next; it must not keep the chunk after returning. */
    @FunctionalInterface
    interface ChunkConsumer {
        void awaitAccept(Uint8Array chunk, long position);
    }
}
