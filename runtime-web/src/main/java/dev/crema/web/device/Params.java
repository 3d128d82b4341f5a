package dev.crema.web.device;

import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Int32Array;

/** The constants of all dispatches of a graph, in one uniform buffer that is written once; one stride a dispatch. */
final class Params {
    /** WebGPU's minUniformBufferOffsetAlignment, by default. */
    static final int STRIDE = 256;

    private final GPUBuffer buffer;
    private final Int32Array words;
    private int used;

    Params(GPUBuffer buffer, int dispatches) {
        this.buffer = buffer;
        words = new Int32Array(dispatches * STRIDE / 4);
    }

    GPUBuffer buffer() {
        return buffer;
    }

    /** Adds the words of one {@code Params} struct (floats by their bits); the byte where it begins. */
    int add(int... values) {
        int at = used;
        used += STRIDE;
        for (int i = 0; i < values.length; i++) {
            words.set(at / 4 + i, values[i]);
        }
        return at;
    }

    void write(GPUQueue queue) {
        if (used > 0) {
            queue.writeBuffer(buffer, 0, words, 0, used / 4);
        }
    }
}
