package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUDevice;

import java.util.ArrayList;
import java.util.List;

/** Buffers that belong together: made within one pair of error scopes, and freed at once. */
final class GpuMemory {
    private final GPUDevice device;
    private final long maxBufferBytes;
    private final List<GPUBuffer> buffers = new ArrayList<>();
    private long bytes;

    GpuMemory(GPUDevice device, long maxBufferBytes) {
        this.device = device;
        this.maxBufferBytes = maxBufferBytes;
    }

    /** A storage buffer that can be copied from and written, zero at first; its size is rounded up to whole vec4s. */
    GPUBuffer storage(String label, long size) {
        return add(label, size, GPUBuffer.STORAGE | GPUBuffer.COPY_SRC | GPUBuffer.COPY_DST);
    }

    GPUBuffer uniform(String label, long size) {
        return add(label, size, GPUBuffer.UNIFORM | GPUBuffer.COPY_DST);
    }

    /** A buffer that the host reads after a copy. */
    GPUBuffer readback(String label, long size) {
        return add(label, size, GPUBuffer.MAP_READ | GPUBuffer.COPY_DST);
    }

    /** A buffer that timestamps are written to. */
    GPUBuffer queries(String label, long size) {
        return add(label, size, GPUBuffer.QUERY_RESOLVE | GPUBuffer.COPY_SRC);
    }

    private GPUBuffer add(String label, long size, int usage) {
        long rounded = Math.max(16, (size + 15) / 16 * 16);
        if (rounded > maxBufferBytes) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "The buffer " + label + " needs " + size
                + " bytes, and one buffer of this GPU holds at most " + maxBufferBytes + ".", "Load the model with a smaller context or smaller batches.");
        }
        GPUBuffer buffer = device.createBuffer(label, rounded, usage);
        buffers.add(buffer);
        bytes += rounded;
        return buffer;
    }

    long bytes() {
        return bytes;
    }

    void free(GPUBuffer buffer) {
        if (buffers.remove(buffer)) {
            bytes -= (long) buffer.size();
            buffer.destroy();
        }
    }

    void free() {
        for (GPUBuffer buffer : buffers) {
            buffer.destroy();
        }
        buffers.clear();
        bytes = 0;
    }
}
