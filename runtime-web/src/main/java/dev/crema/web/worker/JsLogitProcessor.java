package dev.crema.web.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Float32Array;
import org.teavm.jso.typedarrays.Int32Array;

/** A page's function that changes the logits of the next token in place. */
@JSFunctor
public interface JsLogitProcessor extends JSObject {
    void process(Int32Array text, Float32Array logits);
}
