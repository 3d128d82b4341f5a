package dev.crema.web.wasm;

import dev.crema.web.js.Promises;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

import java.util.List;

/** The kernels that kernels.js has opened. */
public final class JsKernelHost implements KernelHost {
    private final JsKernels kernels;

    public JsKernelHost(JsKernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public String name() {
        return kernels.getThreads() == 1 ? "CPU, one thread" : "CPU, " + kernels.getThreads() + " threads";
    }

    @Override
    public List<String> features() {
        return List.of(kernels.getFeatures().split("\n"));
    }

    @Override
    public int threads() {
        return kernels.getThreads();
    }

    @Override
    public boolean grow(long bytes) {
        return kernels.grow(bytes);
    }

    @Override
    public long maxBytes() {
        return (long) kernels.getMaxBytes();
    }

    @Override
    public boolean wide() {
        return kernels.getWide();
    }

    @Override
    public boolean awaitWiden() {
        return Promises.await(kernels.widen()).booleanValue();
    }

    @Override
    public int kernel(String name) {
        return kernels.kernel(name);
    }

    @Override
    public void run(int program, int count, int scratch, int scratchBytes) {
        kernels.run(program, count, scratch, scratchBytes);
    }

    @Override
    public void writeInts(int address, int[] values, int count) {
        Int32Array view = kernels.ints(address, count);
        for (int i = 0; i < count; i++) {
            view.set(i, values[i]);
        }
    }

    @Override
    public void writeFloats(int address, float[] values, int count) {
        Float32Array view = kernels.floats(address, count);
        for (int i = 0; i < count; i++) {
            view.set(i, values[i]);
        }
    }

    @Override
    public void writeBytes(long address, byte[] values, int count) {
        Int8Array copy = Int8Array.copyFromJavaArray(values);
        kernels.write(address, new Uint8Array(copy.getBuffer(), copy.getByteOffset(), count), 0, count);
    }

    @Override
    public void write(long address, Uint8Array chunk, int from, int count) {
        kernels.write(address, chunk, from, count);
    }

    @Override
    public int[] readInts(int address, int count) {
        return kernels.ints(address, count).copyToJavaArray();
    }

    @Override
    public float[] readFloats(int address, int count) {
        return kernels.floats(address, count).copyToJavaArray();
    }

    @Override
    public byte[] readBytes(int address, int count) {
        return kernels.bytes(address, count).copyToJavaArray();
    }

    @Override
    public void close() {
        kernels.close();
    }
}
