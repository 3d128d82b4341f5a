package dev.crema.api;

import dev.crema.json.Json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What {@code tools}, {@code tool_choice} and {@code parallel_tool_calls} ask for.
 *
 * @param offered  the definitions that the model is shown
 * @param callable name of each tool that may be called, to its {@code function}
 * @param required whether the reply has to call one
 * @param parallel whether it may call several
 */
record ToolDefinitions(Json.Arr offered, Map<String, Json.Obj> callable, boolean required, boolean parallel) {
    private static final int MAX_TOOLS = 128;
    private static final int MAX_NAME = 64;

    /** Null where no tool is to be called: none given, or {@code tool_choice} is none. */
    static ToolDefinitions read(Fields request) {
        Json.Arr tools = request.array("tools");
        Json choice = request.get("tool_choice");
        boolean parallel = request.flag("parallel_tool_calls", true);
        boolean none = choice instanceof Json.Str name && name.value().equals("none");
        if (tools == null || tools.size() == 0) {
            if (choice != null && !none) {
                throw Fields.invalid("tool_choice", "'tool_choice' needs 'tools'.");
            }
            return null;
        }
        if (tools.size() > MAX_TOOLS) {
            throw Fields.invalid("tools", "'tools' has " + tools.size() + " entries, " + MAX_TOOLS + " are allowed.");
        }
        var functions = new LinkedHashMap<String, Json.Obj>();
        for (int i = 0; i < tools.size(); i++) {
            Fields function = function(Fields.element(tools, i, "tools"));
            if (functions.put(function.requiredString("name"), function.object()) != null) {
                throw Fields.invalid(function.path() + "name", "Two tools have the name '" + function.requiredString("name") + "'.");
            }
        }
        return none ? null : chosen(choice, new ToolDefinitions(tools, functions, false, parallel));
    }

    private static ToolDefinitions chosen(Json choice, ToolDefinitions all) {
        return switch (choice) {
            case null -> all;
            case Json.Str name when name.value().equals("auto") -> all;
            case Json.Str name when name.value().equals("required") -> new ToolDefinitions(all.offered, all.callable, true, all.parallel);
            case Json.Obj object -> ofObject(new Fields(object, "tool_choice."), all);
            default -> throw Fields.wrong("tool_choice", "'none', 'auto', 'required' or an object that names a tool", choice);
        };
    }

    private static ToolDefinitions ofObject(Fields choice, ToolDefinitions all) {
        if (choice.oneOf("type", "function", "allowed_tools").equals("function")) {
            choice.allowOnly(Set.of("type", "function"), Set.of());
            return new ToolDefinitions(all.offered, Map.of(named(choice, all), all.callable.get(named(choice, all))), true, false);
        }
        choice.allowOnly(Set.of("type", "allowed_tools"), Set.of());
        Fields allowed = choice.object("allowed_tools");
        if (allowed == null || allowed.array("tools") == null || allowed.array("tools").size() == 0) {
            throw choice.missing("allowed_tools", "an object with 'mode' and at least one of 'tools'");
        }
        boolean required = allowed.oneOf("mode", "auto", "required").equals("required");
        var callable = new LinkedHashMap<String, Json.Obj>();
        for (int i = 0; i < allowed.array("tools").size(); i++) {
            String name = named(Fields.element(allowed.array("tools"), i, allowed.path() + "tools"), all);
            callable.put(name, all.callable.get(name));
        }
        var offered = new Json.Arr();
        for (Json tool : all.offered.items()) {
            if (callable.containsValue(((Json.Obj) tool).get("function"))) {
                offered.add(tool);
            }
        }
        return new ToolDefinitions(offered, callable, required, all.parallel);
    }

    private static String named(Fields choice, ToolDefinitions all) {
        Fields function = choice.object("function");
        if (function == null) {
            throw choice.missing("function", "an object with the 'name' of a tool");
        }
        String name = function.requiredString("name");
        if (!all.callable.containsKey(name)) {
            throw Fields.invalid(function.path() + "name", "There is no tool '" + name + "'; there is " + String.join(", ", all.callable.keySet()) + ".");
        }
        return name;
    }

    private static Fields function(Fields tool) {
        String type = tool.requiredString("type");
        if (!type.equals("function")) {
            throw Fields.unsupported(tool.path() + "type", "'" + tool.path() + "type' is '" + type + "'; only 'function' is supported.", "");
        }
        Fields function = tool.object("function");
        if (function == null) {
            throw tool.missing("function", "an object");
        }
        String name = function.requiredString("name");
        if (name.isEmpty()) {
            throw Fields.wrong(function.path() + "name", "a string that is not empty", new Json.Str(""));
        }
        if (name.length() > MAX_NAME) {
            throw Fields.invalid(function.path() + "name", "'" + function.path() + "name' has " + name.length() + " characters, " + MAX_NAME + " are allowed.");
        }
        function.string("description", null);
        function.object("parameters");
        function.flag("strict", false);
        return function;
    }

    /** Whether the calls of any tool have to match its parameters. */
    boolean strict() {
        for (Json.Obj function : callable.values()) {
            if (Json.TRUE.equals(function.get("strict"))) {
                return true;
            }
        }
        return false;
    }
}
