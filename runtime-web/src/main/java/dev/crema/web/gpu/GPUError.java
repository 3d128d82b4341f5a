package dev.crema.web.gpu;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;

public interface GPUError extends JSObject {
    @JSProperty
    String getMessage();
}
