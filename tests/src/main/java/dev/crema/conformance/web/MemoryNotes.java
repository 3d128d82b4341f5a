package dev.crema.conformance.web;

import dev.crema.web.device.Notes;

import java.util.HashMap;
import java.util.Map;

/** Notes that last as long as a case. */
class MemoryNotes implements Notes {
    final Map<String, String> kept = new HashMap<>();

    @Override
    public String awaitRecall(String key) {
        return kept.get(key);
    }

    @Override
    public void remember(String key, String text) {
        kept.put(key, text);
    }
}
