package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;

/** {@code navigator.gpu}. */
public abstract class GPU implements JSObject {
    /** Null where the browser has no WebGPU, or the page is no secure context. */
    @JSBody(script = "return typeof navigator === 'object' && navigator.gpu ? navigator.gpu : null;")
    public static native GPU get();

    /** Whether this is a page or worker that may use WebGPU at all (https, or localhost). */
    @JSBody(script = "return globalThis.isSecureContext === true;")
    public static native boolean isSecureContext();

    /** Whether the browser's WGSL has this, whatever the adapter. */
    @JSBody(params = "feature", script = "return !!this.wgslLanguageFeatures && this.wgslLanguageFeatures.has(feature);")
    public native boolean hasLanguageFeature(String feature);

    /** Null where there is no suitable adapter. */
    @JSBody(script = "return this.requestAdapter({ powerPreference: 'high-performance' });")
    public native JSPromise<GPUAdapter> requestAdapter();
}
