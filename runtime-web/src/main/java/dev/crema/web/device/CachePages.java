package dev.crema.web.device;

import dev.crema.device.KvPages;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;

/** Pages of the cache on the GPU, one layer after the other; see {@link KvRows}. */
final class CachePages implements KvPages {
    private final GraphBuffers buffers;
    private final Readback readback;
    private final GPUQueue queue;
    private final String format;

    CachePages(GraphBuffers buffers, Readback readback, GPUQueue queue, String format) {
        this.buffers = buffers;
        this.readback = readback;
        this.queue = queue;
        this.format = format;
    }

    @Override
    public String format() {
        return format;
    }

    @Override
    public int pageBytes() {
        return Math.toIntExact(buffers.cache.length * buffers.kvPageBytes());
    }

    @Override
    public byte[] awaitRead(int[] pages) {
        Math.multiplyExact(pages.length, pageBytes());
        return readback.awaitPages(buffers.cache, (int) buffers.kvPageBytes(), pages);
    }

    @Override
    public void write(int page, int[] tokens, byte[] bytes, int offset) {
        int pageBytes = (int) buffers.kvPageBytes();
        byte[] part = new byte[pageBytes];
        for (int layer = 0; layer < buffers.cache.length; layer++) {
            System.arraycopy(bytes, offset + layer * pageBytes, part, 0, pageBytes);
            write(buffers.cache[layer], (long) page * pageBytes, part);
        }
        Int32Array ids = Int32Array.copyFromJavaArray(tokens);
        queue.writeBuffer(buffers.texts, (double) page * GraphBuffers.TEXT_PAGE_BYTES, ids, 0, tokens.length);
    }

    private void write(GPUBuffer buffer, long at, byte[] bytes) {
        queue.writeBuffer(buffer, at, Int8Array.copyFromJavaArray(bytes), 0, bytes.length);
    }
}
