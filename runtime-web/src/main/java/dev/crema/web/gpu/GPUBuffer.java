package dev.crema.web.gpu;

import org.teavm.jso.JSBody;
import org.teavm.jso.JSObject;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.typedarrays.ArrayBuffer;

public abstract class GPUBuffer implements JSObject {
    public static final int MAP_READ = 0x0001;
    public static final int COPY_SRC = 0x0004;
    public static final int COPY_DST = 0x0008;
    public static final int UNIFORM = 0x0040;
    public static final int STORAGE = 0x0080;
    public static final int QUERY_RESOLVE = 0x0200;

    /** In bytes. */
    @JSBody(script = "return this.size;")
    public native double size();

    @JSBody(params = "bytes", script = "return this.mapAsync(GPUMapMode.READ, 0, bytes);")
    public native JSPromise<JSObject> mapForReading(int bytes);

    @JSBody(params = "bytes", script = "return this.getMappedRange(0, bytes);")
    public native ArrayBuffer mappedRange(int bytes);

    public abstract void unmap();

    public abstract void destroy();
}
