package dev.crema.web.worker;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.json.Json;
import dev.crema.web.js.Promises;
import dev.crema.web.storage.JsFiles;
import org.teavm.jso.typedarrays.Int32Array;
import org.teavm.jso.typedarrays.Int8Array;

/** The Java side of hosted-model.js: one load, then requests. */
public final class Worker {
    private final Cancellation loading = new Cancellation();
    private Session session;
    private boolean closed;

    /** Loads a model; the host hears {@code loaded} or {@code failed}. */
    public void load(Host host, JsFiles files, String optionsJson) {
        Promises.start(() -> {
            try {
                session = new Loader(host, Clock.SYSTEM, optionsJson, loading).awaitLoad(files);
                if (closed) {
                    close();
                }
            } catch (RuntimeException error) {
                host.failed(Failures.json(error));
            }
        });
    }

    /** Ends a load under way at its next chunk or step. */
    public void abortLoad() {
        loading.cancel();
    }

    /** {@code priority}: what is higher starts first where requests have to wait. {@code processor} may be null. */
    public void request(int id, String path, String body, int priority, JsLogitProcessor processor) {
        session.request(id, path, body, priority, processor);
    }

    public void cancel(int id) {
        session.cancel(id);
    }

    /** {@code done} hears what the KV cache has of the beginning of {@code tokens}, or the error. */
    public void save(Int32Array tokens, SavedListener done) {
        int[] ids = tokens.copyToJavaArray();
        Promises.start(() -> {
            try {
                done.hear(Int8Array.copyFromJavaArray(session.awaitSave(ids)), null);
            } catch (RuntimeException error) {
                done.hear(null, Failures.json(error));
            }
        });
    }

    /** Puts what was saved into the KV cache: {@code {"tokens":n}}, or the error. */
    public String restore(Int8Array saved) {
        try {
            return new Json.Obj().put("tokens", session.restore(saved.copyToJavaArray())).toString();
        } catch (RuntimeException error) {
            return Failures.json(error);
        }
    }

    /** Ends a reply where it is, as if the model had ended it. */
    public void finish(int id) {
        session.finish(id);
    }

    /** {@code {running, waiting, kvPages, freeKvPages}}. */
    public String status() {
        return session.status();
    }

    /** Also while a model is loaded: what comes of that is closed at once. */
    public void close() {
        closed = true;
        loading.cancel();
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
