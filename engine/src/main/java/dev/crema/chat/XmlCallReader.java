package dev.crema.chat;

import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.util.Map;

/**
 * Reads {@code <function=name><parameter=key>value</parameter></function>}, of which the arguments are made parameter by parameter. A value is
 * a string where the tool's parameters say so; else it is JSON (or what Python writes in its place), or a string if it is neither.
 */
final class XmlCallReader implements CallReader {
    private static final String FUNCTION = "<function=";
    private static final String FUNCTION_END = "</function>";
    private static final String PARAMETER = "<parameter=";
    private static final String PARAMETER_END = "</parameter>";

    /** Name to {@code function}, as a request defines it. */
    private final Map<String, Json.Obj> functions;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder arguments = new StringBuilder();
    private int at;
    private String name;
    private String key;
    private State state = State.OPEN;

    XmlCallReader(Map<String, Json.Obj> functions) {
        this.functions = functions;
    }

    @Override
    public State append(char c) {
        text.append(c);
        if (key != null) {
            value();
        } else if (c == '>' || name == null) {
            tag();
        }
        return state;
    }

    private void tag() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        String rest = text.substring(at);
        String open = name == null ? FUNCTION : PARAMETER;
        if (name != null && rest.equals(FUNCTION_END)) {
            arguments.append(arguments.isEmpty() ? "{}" : "}");
            state = State.DONE;
        } else if (rest.startsWith(open) && rest.endsWith(">")) {
            String inner = rest.substring(open.length(), rest.length() - 1).trim();
            at = text.length();
            if (name == null) {
                name = inner;
                state = inner.isEmpty() ? State.NONE : state;
            } else {
                key = inner;
            }
        } else if (!open.startsWith(rest) && !rest.startsWith(open) || rest.endsWith(">")) {
            state = State.NONE;
        }
    }

    private void value() {
        int end = text.length() - PARAMETER_END.length();
        if (end < at || text.indexOf(PARAMETER_END, end) < 0) {
            return;
        }
        int from = text.charAt(at) == '\n' ? at + 1 : at;
        String value = text.substring(from, Math.max(from, text.charAt(end - 1) == '\n' ? end - 1 : end));
        arguments.append(arguments.isEmpty() ? "{" : ", ").append(Json.of(key)).append(": ").append(json(value));
        key = null;
        at = text.length();
    }

    private Json json(String value) {
        return json(functions, name, key, value);
    }

    /** The value of a tool's parameter out of its text. */
    static Json json(Map<String, Json.Obj> functions, String name, String key, String value) {
        Json schema = schema(functions, name, key);
        if (schema instanceof Json.Obj object && isText(object)) {
            return Json.of(value);
        }
        return switch (value.trim()) {
            case "True" -> Json.TRUE;
            case "False" -> Json.FALSE;
            case "None" -> Json.NULL;
            default -> {
                try {
                    yield JsonParser.parse(value);
                } catch (CremaException notJson) {
                    yield Json.of(value);
                }
            }
        };
    }

    private static Json schema(Map<String, Json.Obj> functions, String name, String key) {
        Json.Obj function = functions.get(name);
        Json parameters = function == null ? null : function.get("parameters");
        Json properties = parameters instanceof Json.Obj object ? object.get("properties") : null;
        return properties instanceof Json.Obj object ? object.get(key) : null;
    }

    /** Whether values are written as they are, without quotes. */
    static boolean isText(Json.Obj schema) {
        if (schema.get("type") instanceof Json.Str type) {
            return type.value().equals("string");
        }
        if (schema.get("type") != null || !(schema.get("enum") instanceof Json.Arr values)) {
            return schema.get("const") instanceof Json.Str && schema.get("type") == null;
        }
        for (Json value : values.items()) {
            if (!(value instanceof Json.Str)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isCall() {
        return name != null && state != State.NONE;
    }

    @Override
    public String arguments() {
        return arguments.toString();
    }

    @Override
    public String text() {
        return text.toString();
    }
}
