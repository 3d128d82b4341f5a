package dev.crema.web.device;

import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.ArrayList;
import java.util.List;

/** The constants of all dispatches of a graph, in uniform buffers that are written once; one stride a dispatch. */
final class Params {
    /** WebGPU's minUniformBufferOffsetAlignment, by default. */
    static final int STRIDE = 256;
    /** Bytes of a buffer: WebGPU's maxUniformBufferBindingSize, by default. */
    private static final int BUFFER_BYTES = 65536;

    private record Block(GPUBuffer buffer, Int32Array words) { }

    private final GpuMemory memory;
    private final List<Block> blocks = new ArrayList<>();
    private int used;

    Params(GpuMemory memory) {
        this.memory = memory;
    }

    /** Adds the words of one {@code Params} struct (floats by their bits); where it begins, for {@link #buffer} and {@link #offset}. */
    int add(int... values) {
        int at = used;
        used += STRIDE;
        if (at % BUFFER_BYTES == 0) {
            blocks.add(new Block(memory.uniform("params", BUFFER_BYTES), new Int32Array(BUFFER_BYTES / 4)));
        }
        Int32Array words = blocks.get(at / BUFFER_BYTES).words;
        for (int i = 0; i < values.length; i++) {
            words.set(offset(at) / 4 + i, values[i]);
        }
        return at;
    }

    /** The buffer of what {@link #add} placed at {@code at}. */
    GPUBuffer buffer(int at) {
        return blocks.get(at / BUFFER_BYTES).buffer;
    }

    /** The byte of {@link #buffer} where it begins. */
    int offset(int at) {
        return at % BUFFER_BYTES;
    }

    void write(GPUQueue queue) {
        for (int i = 0; i < blocks.size(); i++) {
            int bytes = Math.min(BUFFER_BYTES, used - i * BUFFER_BYTES);
            queue.writeBuffer(blocks.get(i).buffer, 0, blocks.get(i).words, 0, bytes / 4);
        }
    }
}
