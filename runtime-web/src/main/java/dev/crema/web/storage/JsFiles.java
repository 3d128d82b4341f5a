package dev.crema.web.storage;

import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSArrayReader;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;
import org.teavm.jso.typedarrays.Uint8Array;

/** A model's files as files.js gives them. Numbers are bytes; rejections are CremaErrors. */
public interface JsFiles extends JSObject {
    @JSProperty
    String getName();

    /** Null where the files can't be listed. */
    @JSProperty
    JSArrayReader<JSString> getNames();

    /** The file, or null where there is none of that name. */
    JSPromise<JsFile> open(String name);

    /** A file. */
    interface JsFile extends JSObject {
        @JSProperty
        double getLength();

        JSPromise<Uint8Array> read(double position, double length);

        JsStream stream(double position, double length);
    }

    /** A part of a file, read front to back. */
    interface JsStream extends JSObject {
        /** The next chunk, or null at the end. */
        JSPromise<Uint8Array> next();
    }
}
