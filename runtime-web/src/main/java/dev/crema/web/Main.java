package dev.crema.web;

import dev.crema.web.storage.JsFiles;
import dev.crema.web.worker.Host;
import dev.crema.web.worker.JsLogitProcessor;
import dev.crema.web.worker.SavedListener;
import dev.crema.web.worker.Worker;
import org.teavm.jso.JSExport;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;

/** The functions that the compiled module shows to java.js; there is one module a model, and any number of modules a worker. */
public final class Main {
    private static final Worker WORKER = new Worker();

    private Main() { }

    public static void main(String[] args) { }

    @JSExport
    public static void load(Host host, JsFiles files, String optionsJson) {
        WORKER.load(host, files, optionsJson);
    }

    @JSExport
    public static void abortLoad() {
        WORKER.abortLoad();
    }

    @JSExport
    public static void request(int id, String path, String body, int priority, JsLogitProcessor processor) {
        WORKER.request(id, path, body, priority, processor);
    }

    @JSExport
    public static void cancel(int id) {
        WORKER.cancel(id);
    }

    @JSExport
    public static void finish(int id) {
        WORKER.finish(id);
    }

    @JSExport
    public static void save(Int32Array tokens, SavedListener done) {
        WORKER.save(tokens, done);
    }

    @JSExport
    public static String restore(Int8Array saved) {
        return WORKER.restore(saved);
    }

    @JSExport
    public static String status() {
        return WORKER.status();
    }

    @JSExport
    public static void close() {
        WORKER.close();
    }
}
