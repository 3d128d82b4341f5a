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

    /** A device with these features, and of these limits as much as the adapter has. */
    @JSBody(params = { "features", "limits" }, script = "var wanted = {};"
        + "for (var i = 0; i < limits.length; i++) if (this.limits[limits[i]] !== undefined) wanted[limits[i]] = this.limits[limits[i]];"
        + "return this.requestDevice({ label: 'crema', requiredFeatures: Array.from(features), requiredLimits: wanted });")
    public native JSPromise<GPUDevice> requestDevice(String[] features, String[] limits);
}
