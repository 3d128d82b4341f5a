package dev.crema.api;

import dev.crema.json.Json;

/** Checks {@code tools} and {@code tool_choice}. */
final class ToolDefinitions {
    private static final int MAX_TOOLS = 128;

    private ToolDefinitions() { }

    /** The definitions to offer to the model, or null: none given, or {@code tool_choice} is none. */
    static Json.Arr read(Fields request) {
        Json.Arr tools = request.array("tools");
        String choice = choice(request);
        if (tools == null || tools.size() == 0) {
            if (choice != null && !choice.equals("none")) {
                throw Fields.invalid("tool_choice", "'tool_choice' needs 'tools'.");
            }
            return null;
        }
        if (tools.size() > MAX_TOOLS) {
            throw Fields.invalid("tools", "'tools' has " + tools.size() + " entries, " + MAX_TOOLS + " are allowed.");
        }
        for (int i = 0; i < tools.size(); i++) {
            check(Fields.element(tools, i, "tools"));
        }
        return "none".equals(choice) ? null : tools;
    }

    private static String choice(Fields request) {
        Json choice = request.get("tool_choice");
        if (choice == null) {
            return null;
        }
        if (choice instanceof Json.Str name && (name.value().equals("none") || name.value().equals("auto"))) {
            return name.value();
        }
        if (choice instanceof Json.Str name && name.value().equals("required") || choice instanceof Json.Obj) {
            throw Fields.unsupported("tool_choice", "A 'tool_choice' that forces a call is not supported yet.", "Use 'auto' or 'none'.");
        }
        throw Fields.wrong("tool_choice", "'none' or 'auto'", choice);
    }

    private static void check(Fields tool) {
        String type = tool.requiredString("type");
        if (!type.equals("function")) {
            throw Fields.unsupported(tool.path() + "type", "'" + tool.path() + "type' is '" + type + "'; only 'function' is supported.", "");
        }
        Fields function = tool.object("function");
        if (function == null) {
            throw tool.missing("function", "an object");
        }
        if (function.requiredString("name").isEmpty()) {
            throw Fields.wrong(function.path() + "name", "a string that is not empty", new Json.Str(""));
        }
        function.string("description", null);
        function.object("parameters");
        function.flag("strict", false);
    }
}
