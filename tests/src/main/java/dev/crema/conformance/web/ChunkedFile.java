package dev.crema.conformance.web;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.conformance.Noise;
import dev.crema.web.storage.WebBytes;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

import java.util.Arrays;

/** A file in memory that streams in chunks of odd sizes, cancels or breaks where it is told to, and counts the passes over it. */
final class ChunkedFile implements WebBytes {
    private static final int[] CHUNKS = {1, 2, 3, 5, 64, 7, 1021, 4096, 33};

    private final ChunkedFile whole;
    private final byte[] contents;
    private final int offset;
    private final int length;
    private int breakAt = Integer.MAX_VALUE;
    private int cancelAt = Integer.MAX_VALUE;
    private int passes;

    ChunkedFile(int length, long seed) {
        whole = this;
        offset = 0;
        this.length = length;
        contents = new byte[length];
        var noise = new Noise(seed);
        for (int i = 0; i < length; i++) {
            contents[i] = (byte) noise.nextInt(256);
        }
    }

    private ChunkedFile(ChunkedFile whole, int offset, int length) {
        this.whole = whole;
        this.offset = offset;
        this.length = length;
        contents = whole.contents;
    }

    byte[] contents() {
        return contents;
    }

    int passes() {
        return passes;
    }

    void breakAt(int position) {
        breakAt = position;
    }

    void cancelAt(int position) {
        cancelAt = position;
    }

    @Override
    public WebBytes file() {
        return whole;
    }

    @Override
    public long offset() {
        return offset;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public WebBytes slice(long from, long count) {
        return new ChunkedFile(whole, offset + (int) from, (int) count);
    }

    @Override
    public void awaitRead(long position, byte[] target, int targetOffset, int count) {
        throw new IllegalStateException("weights of a file must be streamed");
    }

    @Override
    public void awaitStream(ChunkConsumer consumer, Cancellation cancellation) {
        whole.passes++;
        for (int at = 0, i = 0; at < length; i++) {
            if (offset + at >= whole.breakAt) {
                throw new CremaException(ErrorCode.DOWNLOAD_FAILED, "The download broke off.", "");
            }
            if (offset + at >= whole.cancelAt) {
                cancellation.cancel();
            }
            int count = Math.min(CHUNKS[i % CHUNKS.length], length - at);
            Int8Array copy = Int8Array.copyFromJavaArray(Arrays.copyOfRange(contents, offset + at, offset + at + count));
            consumer.awaitAccept(new Uint8Array(copy.getBuffer(), copy.getByteOffset(), count), at);
            at += count;
        }
    }
}
