package dev.crema.api;

import java.util.Map;

/** Fields of OpenAI's reference that ask for something that is not to be had here: refused by name, each with what to do instead. */
final class Refused {
    static final Map<String, String> CHAT = Map.of(
        "audio", "Replies are text; remove it, and 'audio' from 'modalities'.",
        "function_call", "It was replaced by 'tool_choice'; send that.",
        "functions", "They were replaced by 'tools'; send {\"type\":\"function\",\"function\":{...}} there.",
        "moderation", "Nothing is moderated here; remove it.",
        "prediction", "Tokens are not predicted by the request here; remove it, the reply is the same.",
        "web_search_options", "Models run on this computer and don't search; offer a search of your own in 'tools'.");

    private Refused() { }

    /** Fields that are absent or {@code null} ask for nothing. */
    static void check(Fields fields, Map<String, String> refused) {
        for (String name : fields.object().members().keySet()) {
            if (fields.has(name) && refused.containsKey(name)) {
                throw Fields.unsupported(fields.path() + name, "'" + fields.path() + name + "' is not supported.", refused.get(name));
            }
        }
    }
}
