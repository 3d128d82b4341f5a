package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;

public abstract class GPUAdapter implements JSObject {
    /** A word of the adapter's info: vendor, architecture, device or description; empty where the browser keeps it to itself. */
    @JSBody(params = "word", script = "return this.info && this.info[word] ? String(this.info[word]) : '';")
    public native String info(String word);

    @JSBody(script = "return !!(this.isFallbackAdapter || (this.info && this.info.isFallbackAdapter));")
    public native boolean isFallbackAdapter();

    @JSBody(params = "feature", script = "return this.features.has(feature);")
    public native boolean hasFeature(String feature);

    @JSBody(params = "name", script = "return this.limits[name];")
    public native double limit(String name);

    /** A device with the largest buffers that the adapter has. */
    @JSBody(script = "return this.requestDevice({ label: 'crema', requiredLimits: {"
        + " maxBufferSize: this.limits.maxBufferSize,"
        + " maxStorageBufferBindingSize: this.limits.maxStorageBufferBindingSize } });")
    public native JSPromise<GPUDevice> requestDevice();
}
