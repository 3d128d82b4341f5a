package dev.crema.web.wasm;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSBoolean;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;
import org.teavm.jso.typedarrays.Uint8Array;

/** What kernels.js opens. */
public interface JsKernels extends JSObject {
    @JSProperty
    int getThreads();

    /** Lines of text. */
    @JSProperty
    String getFeatures();

    @JSProperty
    double getMaxBytes();

    boolean grow(double bytes);

    @JSProperty
    boolean getWide();

    /** Whether the memory is a 64-bit one then. */
    JSPromise<JSBoolean> widen();

    int kernel(String name);

    void run(int program, int count, int scratch, int scratchBytes);

    /** A view of the memory, until it grows. */
    Int32Array ints(int address, int count);

    Float32Array floats(int address, int count);

    Int8Array bytes(int address, int count);

    void write(double address, Uint8Array chunk, int from, int count);

    void close();
}
