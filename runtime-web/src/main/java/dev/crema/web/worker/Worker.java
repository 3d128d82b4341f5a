package dev.crema.web.worker;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.web.js.Promises;
import dev.crema.web.storage.JsFiles;

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
