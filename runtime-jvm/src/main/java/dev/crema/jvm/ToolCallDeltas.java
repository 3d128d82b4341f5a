package dev.crema.jvm;

import dev.crema.json.Json;

/** Puts streamed pieces of tool calls together as OpenAI's clients do: by {@code index}, arguments appended. */
final class ToolCallDeltas {
    private ToolCallDeltas() { }

    static void merge(Json.Arr calls, Json.Arr deltas) {
        for (Json item : deltas.items()) {
            if (!(item instanceof Json.Obj delta)) {
                continue;
            }
            int index = delta.get("index") instanceof Json.Num number && number.isInteger() ? (int) number.longValue() : calls.size();
            if (index >= calls.size()) {
                var call = new Json.Obj();
                delta.members().forEach((name, value) -> {
                    if (!name.equals("index")) {
                        call.put(name, value);
                    }
                });
                calls.add(call);
            } else {
                append((Json.Obj) calls.get(index), delta);
            }
        }
    }

    private static void append(Json.Obj call, Json.Obj delta) {
        if (delta.get("function") instanceof Json.Obj more && more.get("arguments") instanceof Json.Str added
                && call.get("function") instanceof Json.Obj function) {
            String before = function.get("arguments") instanceof Json.Str text ? text.value() : "";
            function.put("arguments", before + added.value());
        }
    }
}
