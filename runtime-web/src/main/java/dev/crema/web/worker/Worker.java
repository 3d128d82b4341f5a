package dev.crema.web.worker;

import dev.crema.Clock;
import dev.crema.web.js.Promises;
import dev.crema.web.storage.JsFiles;

/** The Java side of worker.js: one load, then requests. */
public final class Worker {
    private Session session;

    /** Loads a model; the host hears {@code loaded} or {@code failed}. */
    public void load(Host host, JsFiles files, String optionsJson) {
        Promises.start(() -> {
            try {
                session = new Loader(host, Clock.SYSTEM, optionsJson).awaitLoad(files);
            } catch (RuntimeException error) {
                host.failed(Failures.json(error));
            }
        });
    }

    public void request(int id, String path, String body) {
        session.request(id, path, body);
    }

    public void cancel(int id) {
        session.cancel(id);
    }

    public void close() {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
