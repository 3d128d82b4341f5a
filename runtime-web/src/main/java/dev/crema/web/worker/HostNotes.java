package dev.crema.web.worker;

import dev.crema.web.device.Notes;
import dev.crema.web.js.Promises;
import org.teavm.jso.core.JSString;

import java.util.HashMap;
import java.util.Map;

/** Notes in the browser's own store, by way of worker.js; those of this visit are there also where the browser keeps none. */
final class HostNotes implements Notes {
    private final Host host;
    private final Map<String, String> fresh = new HashMap<>();

    HostNotes(Host host) {
        this.host = host;
    }

    @Override
    public String awaitRecall(String key) {
        if (fresh.containsKey(key)) {
            return fresh.get(key);
        }
        JSString text = Promises.await(host.recall(key));
        return text == null ? null : text.stringValue();
    }

    @Override
    public void remember(String key, String text) {
        fresh.put(key, text);
        host.remember(key, text);
    }
}
