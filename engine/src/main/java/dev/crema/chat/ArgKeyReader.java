package dev.crema.chat;

import dev.crema.json.Json;

import java.util.Map;

/**
 * Reads {@code name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>}, of which the arguments are made parameter by parameter; what values are is as
 * {@link XmlCallReader} has it.
 */
final class ArgKeyReader implements CallReader {
    private static final String END = "</tool_call>";
    private static final String KEY = "<arg_key>";
    private static final String KEY_END = "</arg_key>";
    private static final String VALUE = "<arg_value>";
    private static final String VALUE_END = "</arg_value>";

    private final Map<String, Json.Obj> functions;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder arguments = new StringBuilder();
    private int at;
    private String name;
    private String key;
    private boolean inValue;
    private State state = State.OPEN;

    ArgKeyReader(Map<String, Json.Obj> functions) {
        this.functions = functions;
    }

    @Override
    public State append(char c) {
        text.append(c);
        if (name == null) {
            name(c);
        } else if (inValue) {
            value();
        } else if (c == '>') {
            tag();
        }
        return state;
    }

    private void name(char c) {
        if (c == '\n' || c == '<') {
            name = text.substring(0, text.length() - 1).strip();
            at = name.isEmpty() ? at : text.length() - (c == '<' ? 1 : 0);
        } else if (c == '{' || c == '"' || c == '>') {
            state = State.NONE;
        }
    }

    private void tag() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        String rest = text.substring(at);
        if (rest.equals(END)) {
            arguments.append(arguments.isEmpty() ? "{}" : "}");
            state = State.DONE;
        } else if (rest.startsWith(KEY) && rest.endsWith(KEY_END)) {
            key = rest.substring(KEY.length(), rest.length() - KEY_END.length()).strip();
            at = text.length();
        } else if (rest.equals(VALUE) && key != null) {
            inValue = true;
            at = text.length();
        } else if (!rest.startsWith(KEY)) {
            state = State.NONE;
        }
    }

    private void value() {
        int end = text.length() - VALUE_END.length();
        if (end < at || text.indexOf(VALUE_END, end) < 0) {
            return;
        }
        arguments.append(arguments.isEmpty() ? "{" : ", ").append(Json.of(key)).append(": ").append(XmlCallReader.json(functions, name, key, text.substring(at, end)));
        key = null;
        inValue = false;
        at = text.length();
    }

    @Override
    public String name() {
        return name;
    }

    /** The marks before it say so. */
    @Override
    public boolean isCall() {
        return name != null && !name.isEmpty() && state != State.NONE && (state == State.DONE || !arguments.isEmpty() || key != null);
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
