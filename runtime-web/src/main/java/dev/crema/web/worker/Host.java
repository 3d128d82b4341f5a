package dev.crema.web.worker;

import dev.crema.web.storage.JsFiles;
import dev.crema.web.wasm.JsKernels;
import org.teavm.jso.JSObject;
import org.teavm.jso.JSProperty;
import org.teavm.jso.core.JSPromise;
import org.teavm.jso.core.JSString;

/** What worker.js does for Java: sends to the page, and lets the event loop run. */
public interface Host extends JSObject {
    void progress(String phase, String what, double done, double total);

    /** The model runs; {@code infoJson} becomes {@code engine.info}. */
    void loaded(String infoJson);

    /** Loading failed, or the engine can't go on. */
    void failed(String errorJson);

    /** The device failed and is being replaced; progress is reported as when loading. */
    void deviceFailed(String errorJson);

    /** The model runs again, on the device that {@code deviceJson} describes. */
    void deviceReplaced(String deviceJson);

    void reply(int id, String json);

    void chunk(int id, String json);

    void done(int id);

    void error(int id, int status, String json);

    /** Resolves when the event loop has seen to the messages that came before. */
    JSPromise<JSObject> turn();

    /** What was remembered under {@code key}, maybe on an earlier visit, or null. */
    JSPromise<JSString> recall(String key);

    /** Keeps a text in the browser, where that keeps anything. */
    void remember(String key, String text);

    /** The CPU kernels, on {@code threads} threads or, for 0, as many as suit the processor; rejects where this browser can't run them. */
    JSPromise<JsKernels> openKernels(int threads);

    /** The files beside the package by which a GPU is tested; each is loaded when it is opened. */
    @JSProperty
    JsFiles getSelfTestFiles();
}
