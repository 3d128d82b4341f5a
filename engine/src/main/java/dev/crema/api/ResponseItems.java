package dev.crema.api;

import dev.crema.json.Json;

import java.util.Set;

/**
 * The items of a response's input as the messages of a chat: what the assistant said, thought and called before an answer is one message there
 * and several items here.
 */
final class ResponseItems {
    private final Json.Arr messages = new Json.Arr();
    /** The assistant's message that further items belong to, or null. */
    private Json.Obj open;

    private ResponseItems() { }

    static Json.Arr messages(Fields request) {
        var items = new ResponseItems();
        String instructions = request.string("instructions", null);
        if (instructions != null) {
            items.messages.add(new Json.Obj().put("role", "developer").put("content", instructions));
        }
        switch (request.get("input")) {
            case null -> throw request.missing("input", "a string or an array of items");
            case Json.Str text -> items.messages.add(new Json.Obj().put("role", "user").put("content", text.value()));
            case Json.Arr given -> {
                if (given.size() == 0) {
                    throw Fields.invalid("input", "'input' is empty; expected at least one item.");
                }
                for (int i = 0; i < given.size(); i++) {
                    items.add(Fields.element(given, i, "input"));
                }
            }
            case Json other -> throw Fields.wrong("input", "a string or an array of items", other);
        }
        return items.messages;
    }

    private void add(Fields item) {
        String type = item.string("type", "message");
        switch (type) {
            case "message" -> message(item);
            case "function_call" -> functionCall(item);
            case "function_call_output" -> {
                open = null;
                item.allowOnly(Set.of("type", "call_id", "output"), Set.of("id", "status", "name"));
                messages.add(new Json.Obj().put("role", "tool").put("tool_call_id", item.requiredString("call_id"))
                    .put("content", content(item, "output")));
            }
            case "reasoning" -> reasoning(item);
            default -> throw Fields.unsupported(item.path() + "type", "'" + item.path() + "type' is '" + type + "', which is not supported.",
                "Send items of type 'message', 'function_call', 'function_call_output' or 'reasoning'.");
        }
    }

    private void message(Fields item) {
        item.allowOnly(Set.of("type", "role", "content"), Set.of("id", "status", "phase"));
        String role = item.oneOf("role", "user", "assistant", "system", "developer");
        String content = content(item, "content");
        if (!role.equals("assistant")) {
            open = null;
            messages.add(new Json.Obj().put("role", role).put("content", content));
        } else if (open != null && !open.has("content") && !open.has("tool_calls")) {
            open.put("content", content);
        } else {
            open = new Json.Obj().put("role", role).put("content", content);
            messages.add(open);
        }
    }

    private void functionCall(Fields item) {
        item.allowOnly(Set.of("type", "call_id", "name", "arguments"), Set.of("id", "status"));
        var function = new Json.Obj().put("name", item.requiredString("name")).put("arguments", item.requiredString("arguments"));
        openMessage();
        if (!(open.get("tool_calls") instanceof Json.Arr)) {
            open.put("tool_calls", new Json.Arr());
        }
        ((Json.Arr) open.get("tool_calls")).add(new Json.Obj().put("id", item.requiredString("call_id")).put("type", "function").put("function", function));
    }

    /** Thoughts come before what they led to. */
    private void reasoning(Fields item) {
        item.allowOnly(Set.of("type", "content", "summary"), Set.of("id", "status", "encrypted_content"));
        Json.Arr parts = item.array("content");
        String text = parts == null ? "" : text(parts, item.path() + "content", Set.of("reasoning_text"));
        if (!text.isEmpty()) {
            open = new Json.Obj().put("role", "assistant").put("reasoning_content", text);
            messages.add(open);
        }
    }

    private void openMessage() {
        if (open == null) {
            open = new Json.Obj().put("role", "assistant");
            messages.add(open);
        }
    }

    private static String content(Fields item, String name) {
        return switch (item.get(name)) {
            case null -> throw item.missing(name, "a string or an array of parts");
            case Json.Str text -> text.value();
            case Json.Arr parts -> text(parts, item.path() + name, Set.of("input_text", "output_text", "text", "refusal"));
            case Json other -> throw Fields.wrong(item.path() + name, "a string or an array of parts", other);
        };
    }

    /** Parts are joined as chat joins them. */
    private static String text(Json.Arr parts, String param, Set<String> types) {
        var text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            Fields part = Fields.element(parts, i, param);
            String type = part.requiredString("type");
            if (!types.contains(type)) {
                throw Fields.unsupported(part.path() + "type", "'" + part.path() + "type' is '" + type + "'; this model reads text only.",
                    "Send text, in parts of type 'input_text'.");
            }
            text.append(i == 0 ? "" : "\n").append(part.requiredString(type.equals("refusal") ? "refusal" : "text"));
        }
        return text.toString();
    }
}
