package dev.crema.web.worker;

import dev.crema.web.device.TuneStore;
import dev.crema.web.js.Promises;
import org.teavm.jso.core.JSString;

/** Winners of races in the browser's own store, by way of worker.js. */
final class HostTuneStore implements TuneStore {
    private final Host host;

    HostTuneStore(Host host) {
        this.host = host;
    }

    @Override
    public String awaitLoad(String key) {
        JSString text = Promises.await(host.recall(key));
        return text == null ? null : text.stringValue();
    }

    @Override
    public void save(String key, String text) {
        host.remember(key, text);
    }
}
