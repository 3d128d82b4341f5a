package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.device.Step;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUCommandEncoder;
import dev.crema.web.gpu.GPUDevice;
import dev.crema.web.js.Promises;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;

/** Brings results to the host: sampled tokens through a ring of small buffers, one a step; whole values through one made for them. */
final class Readback {
    /** Steps whose tokens are kept: one, and those that may follow before it is read. */
    private static final int RING = 1 + Step.TOKENS_KEPT;

    private final GPUDevice device;
    private final DeviceState state;
    private final GpuMemory memory;
    private final GPUBuffer[] ring = new GPUBuffer[RING];
    private GPUBuffer spare;
    private int next;

    Readback(GPUDevice device, DeviceState state, GpuMemory memory, int maxOutputs) {
        this.device = device;
        this.state = state;
        this.memory = memory;
        for (int i = 0; i < RING; i++) {
            ring[i] = memory.readback("tokens." + i, 4L * maxOutputs);
        }
    }

    /** Copies a step's tokens to the ring; the slot to await. */
    int copyTokens(GPUCommandEncoder encoder, GPUBuffer tokens, int count) {
        int slot = next;
        next = (next + 1) % RING;
        encoder.copyBufferToBuffer(tokens, 0, ring[slot], 0, 4L * count);
        return slot;
    }

    int[] awaitTokens(int slot, int count) {
        awaitMap(ring[slot], 4 * count);
        var mapped = new Int32Array(ring[slot].mappedRange(4 * count));
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = mapped.get(i);
        }
        ring[slot].unmap();
        return tokens;
    }

    /** A part of a buffer as it is after all that was submitted so far. */
    float[] awaitFloats(GPUBuffer source, long offset, long bytes) {
        if (bytes == 0) {
            return new float[0];
        }
        GPUBuffer target = awaitCopy(source, offset, bytes);
        float[] floats = new Float32Array(target.mappedRange((int) bytes)).copyToJavaArray();
        target.unmap();
        release(target);
        return floats;
    }

    /** The same of a buffer of integers. */
    int[] awaitInts(GPUBuffer source, long bytes) {
        GPUBuffer target = awaitCopy(source, 0, bytes);
        int[] ints = new Int32Array(target.mappedRange((int) bytes)).copyToJavaArray();
        target.unmap();
        release(target);
        return ints;
    }

    /** Pages of several buffers: of each page a part of {@code pageBytes} from each. */
    byte[] awaitPages(GPUBuffer[] sources, int pageBytes, int[] pages) {
        int bytes = pages.length * sources.length * pageBytes;
        GPUBuffer target = awaitTarget(bytes);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        long to = 0;
        for (int page : pages) {
            for (GPUBuffer source : sources) {
                encoder.copyBufferToBuffer(source, (double) page * pageBytes, target, to, pageBytes);
                to += pageBytes;
            }
        }
        device.getQueue().submit(encoder.finish());
        awaitMap(target, bytes);
        byte[] copy = new Int8Array(target.mappedRange(bytes)).copyToJavaArray();
        target.unmap();
        release(target);
        return copy;
    }

    private GPUBuffer awaitCopy(GPUBuffer source, long offset, long bytes) {
        GPUBuffer target = awaitTarget(bytes);
        GPUCommandEncoder encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(source, offset, target, 0, bytes);
        device.getQueue().submit(encoder.finish());
        awaitMap(target, (int) bytes);
        return target;
    }

    /** The spare buffer where it is free and large enough, else a new one. */
    private GPUBuffer awaitTarget(long bytes) {
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(bytes + " bytes are more than can be read at once");
        }
        GPUBuffer taken = spare;
        if (taken != null && taken.size() >= bytes) {
            spare = null;
            return taken;
        }
        state.beginAllocation();
        GPUBuffer target = memory.readback("values", bytes);
        state.awaitAllocated("readback", bytes);
        return target;
    }

    private void release(GPUBuffer target) {
        if (spare != null) {
            memory.free(spare);
        }
        spare = target;
    }

    private void awaitMap(GPUBuffer buffer, int bytes) {
        try {
            Promises.await(buffer.mapForReading(bytes));
        } catch (CremaException rejection) {
            throw state.failure(rejection);
        }
        state.check();
    }

    void free() {
        memory.free();
    }
}
