package dev.crema.web.device;

import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Uint8Array;

/**
 * A buffer that is filled front to back from chunks of any size. The queue writes whole words only, so up to three bytes wait for the next
 * chunk.
 */
final class UploadTarget {
    /** The range of the stream that goes here. */
    private final long start;
    private final long end;
    private final GPUBuffer buffer;
    private final Uint8Array carry = new Uint8Array(4);
    private int carried;
    private long written;

    UploadTarget(GPUBuffer buffer, long start, long length) {
        this.buffer = buffer;
        this.start = start;
        this.end = start + length;
    }

    /** Takes what belongs here of a chunk that stands at {@code position} of the stream. */
    void accept(GPUQueue queue, Uint8Array chunk, long position) {
        int from = (int) Math.max(0, start - position);
        int to = (int) Math.min(chunk.getLength(), end - position);
        if (from >= to) {
            return;
        }
        while (carried > 0 && from < to) {
            keep(queue, chunk.get(from++));
        }
        int whole = (to - from) / 4 * 4;
        if (whole > 0) {
            queue.writeBuffer(buffer, written, chunk, from, whole);
            written += whole;
        }
        for (int i = from + whole; i < to; i++) {
            keep(queue, chunk.get(i));
        }
        if (position + to == end) {
            while (carried > 0) {
                keep(queue, (short) 0);
            }
        }
    }

    private void keep(GPUQueue queue, short value) {
        carry.set(carried++, value);
        if (carried == 4) {
            queue.writeBuffer(buffer, written, carry, 0, 4);
            written += 4;
            carried = 0;
        }
    }
}
