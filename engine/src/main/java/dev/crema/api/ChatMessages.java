package dev.crema.api;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.CremaException;

import java.util.Set;

/**
 * Checks the messages of a chat request and brings them into the form that chat templates read: {@code developer} is {@code system}, parts of text
 * are one string with a newline between them (as llama.cpp and vLLM join them), and arguments of tool calls are JSON and no longer a string of it.
 */
final class ChatMessages {
    /** Members that OpenAI's own replies have, so that a reply can be sent back as a message. */
    private static final Set<String> HARMLESS = Set.of("annotations", "refusal");

    private ChatMessages() { }

    static Json.Arr read(Fields request) {
        Json.Arr given = request.array("messages");
        if (given == null) {
            throw request.missing("messages", "an array of messages");
        }
        if (given.size() == 0) {
            throw Fields.invalid("messages", "'messages' is empty; expected at least one message.");
        }
        var messages = new Json.Arr();
        for (int i = 0; i < given.size(); i++) {
            messages.add(message(Fields.element(given, i, "messages")));
        }
        return messages;
    }

    private static Json.Obj message(Fields fields) {
        String role = fields.requiredString("role");
        var message = new Json.Obj();
        switch (role) {
            case "system", "developer", "user" -> {
                fields.allowOnly(Set.of("role", "content", "name"), Set.of());
                message.put("role", role.equals("user") ? "user" : "system").put("content", content(fields, false));
            }
            case "assistant" -> {
                fields.allowOnly(Set.of("role", "content", "name", "tool_calls", "reasoning_content"), HARMLESS);
                Json.Arr calls = toolCalls(fields);
                message.put("role", role).put("content", content(fields, calls != null));
                if (calls != null) {
                    message.put("tool_calls", calls);
                }
                if (fields.has("reasoning_content")) {
                    message.put("reasoning_content", fields.requiredString("reasoning_content"));
                }
            }
            case "tool" -> {
                fields.allowOnly(Set.of("role", "content", "name", "tool_call_id"), Set.of());
                message.put("role", role).put("content", content(fields, false)).put("tool_call_id", fields.requiredString("tool_call_id"));
            }
            default -> throw Fields.wrong(fields.path() + "role", "'system', 'developer', 'user', 'assistant' or 'tool'", new Json.Str(role));
        }
        if (fields.has("name")) {
            message.put("name", fields.requiredString("name"));
        }
        return message;
    }

    /** Templates expect a string, so a message without content (which only one with tool calls may be) has an empty one. */
    private static String content(Fields fields, boolean optional) {
        return switch (fields.get("content")) {
            case null -> {
                if (!optional) {
                    throw fields.missing("content", "a string or an array of text parts");
                }
                yield "";
            }
            case Json.Str text -> text.value();
            case Json.Arr parts -> parts(parts, fields.path() + "content");
            case Json other -> throw Fields.wrong(fields.path() + "content", "a string or an array of text parts", other);
        };
    }

    private static String parts(Json.Arr parts, String param) {
        var text = new StringBuilder();
        for (int i = 0; i < parts.size(); i++) {
            Fields part = Fields.element(parts, i, param);
            String type = part.requiredString("type");
            if (!type.equals("text") && !type.equals("refusal")) {
                throw Fields.unsupported(part.path() + "type", "'" + part.path() + "type' is '" + type + "'; this model reads text only.",
                    "Send parts of type 'text'.");
            }
            text.append(i == 0 ? "" : "\n").append(part.requiredString(type));
        }
        return text.toString();
    }

    private static Json.Arr toolCalls(Fields message) {
        Json.Arr given = message.array("tool_calls");
        if (given == null || given.size() == 0) {
            return null;
        }
        var calls = new Json.Arr();
        for (int i = 0; i < given.size(); i++) {
            Fields call = Fields.element(given, i, message.path() + "tool_calls");
            String type = call.string("type", "function");
            if (!type.equals("function")) {
                throw Fields.wrong(call.path() + "type", "'function'", new Json.Str(type));
            }
            Fields function = call.object("function");
            if (function == null) {
                throw call.missing("function", "an object");
            }
            var normalized = new Json.Obj().put("name", function.requiredString("name")).put("arguments", arguments(function));
            calls.add(new Json.Obj().put("id", call.requiredString("id")).put("type", type).put("function", normalized));
        }
        return calls;
    }

    /** Templates write arguments with {@code tojson}; a string that a model got wrong is passed on as it is. */
    private static Json arguments(Fields function) {
        String text = function.requiredString("arguments");
        try {
            Json parsed = JsonParser.parse(text);
            return parsed instanceof Json.Obj ? parsed : new Json.Str(text);
        } catch (CremaException notJson) {
            return new Json.Str(text);
        }
    }
}
