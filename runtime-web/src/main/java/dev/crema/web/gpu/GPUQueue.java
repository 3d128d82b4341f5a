package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.typedarrays.TypedArray;

public abstract class GPUQueue implements JSObject {
    /** {@code from} and {@code count} in elements of {@code data}; offset and bytes written must be multiples of four. */
    @JSBody(params = { "buffer", "offset", "data", "from", "count" }, script = "this.writeBuffer(buffer, offset, data, from, count);")
    public native void writeBuffer(GPUBuffer buffer, double offset, TypedArray data, int from, int count);

    @JSBody(params = "commands", script = "this.submit([commands]);")
    public native void submit(GPUCommandBuffer commands);

    /** Submits nothing, so that writes queued so far are carried out and their staging memory is given back. */
    @JSBody(script = "this.submit([]);")
    public native void flush();

    public abstract JSPromise<JSObject> onSubmittedWorkDone();
}
