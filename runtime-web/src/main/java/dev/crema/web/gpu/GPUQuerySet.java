package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;

/** Timestamps, in nanoseconds. */
public abstract class GPUQuerySet implements JSObject {
    /** A pass that writes timestamps 0 and 1 where it begins and ends. */
    @JSBody(params = "encoder", script = "return encoder.beginComputePass({ timestampWrites: {"
        + " querySet: this, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } });")
    public native GPUComputePassEncoder beginPass(GPUCommandEncoder encoder);

    /** Writes the first {@code count} timestamps to a buffer with usage QUERY_RESOLVE, 8 bytes each. */
    @JSBody(params = { "encoder", "target", "count" }, script = "encoder.resolveQuerySet(this, 0, count, target, 0);")
    public native void resolve(GPUCommandEncoder encoder, GPUBuffer target, int count);

    public abstract void destroy();
}
