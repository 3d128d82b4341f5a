package dev.crema.web.worker;

import org.teavm.jso.JSFunctor;
import org.teavm.jso.JSObject;
import org.teavm.jso.typedarrays.Int8Array;

/** Hears what was saved, or why nothing could be; one of the two is null. */
@JSFunctor
public interface SavedListener extends JSObject {
    void hear(Int8Array saved, String errorJson);
}
