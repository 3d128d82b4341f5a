package dev.crema.conformance.web;

import org.teavm.jso.JSBody;

/** The page's watch over WebGPU; see tests/node/gpu-watch.js. */
final class GpuWatch {
    private GpuWatch() { }

    /** Bytes of all buffers that were made and not destroyed. */
    @JSBody(script = "return gpuWatch.liveBytes();")
    static native double liveBytes();

    /** How often a method of WebGPU was called. */
    @JSBody(params = "method", script = "return gpuWatch.count(method);")
    static native int count(String method);

    /** Bytes that all calls of writeBuffer, copyBufferToBuffer or mapAsync have moved. */
    @JSBody(params = "method", script = "return gpuWatch.moved(method);")
    static native double moved(String method);

    /** Destroys the device that was made last, as a driver reset would. */
    @JSBody(script = "gpuWatch.lose();")
    static native void lose();

    /** Makes that device report an error that no scope catches. */
    @JSBody(script = "gpuWatch.blunder();")
    static native void blunder();

    /** Makes the next error scope report that memory ran out. */
    @JSBody(script = "gpuWatch.outOfMemory = true;")
    static native void runOutOfMemory();

    /** Whether the browser has an adapter from now on. */
    @JSBody(params = "there", script = "gpuWatch.noAdapter = !there;")
    static native void adapter(boolean there);

    /** Makes kernels compute wrong whose label matches this regular expression, from the next one that is compiled on; null mends it. */
    @JSBody(params = "pattern", script = "gpuWatch.miscalculate(pattern);")
    static native void miscalculate(String pattern);
}
