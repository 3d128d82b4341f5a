package dev.crema.chat;

import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

/**
 * Reads one call as JSON while it is written, {@code {"name": ..., "arguments": {...}}} with its members in any order, so that the arguments can be
 * passed on before they are complete. It looks at the structure of the object itself only; what is within the arguments is the caller's to judge.
 */
final class CallScanner implements CallReader {
    private final StringBuilder text = new StringBuilder();
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean atValue;
    private int stringStart;
    private int valueStart = -1;
    private String key;
    private String name;
    private int argumentsStart = -1;
    private int argumentsEnd = -1;
    private State state = State.OPEN;

    @Override
    public State append(char c) {
        text.append(c);
        if (inString) {
            inString(c);
        } else {
            structure(c);
        }
        return state;
    }

    private void inString(char c) {
        if (escaped) {
            escaped = false;
        } else if (c == '\\') {
            escaped = true;
        } else if (c == '"') {
            inString = false;
            if (depth == 1 && !atValue) {
                Json parsed = parsed(stringStart, text.length());
                key = parsed instanceof Json.Str string ? string.value() : null;
                state = key == null ? State.NONE : state;
            } else if (depth == 1) {
                value(valueStart, text.length());
            }
        }
    }

    private void structure(char c) {
        int at = text.length() - 1;
        switch (c) {
            case ' ', '\n', '\r', '\t' -> { }
            case '"' -> {
                inString = true;
                stringStart = at;
                begin(at, false);
            }
            case '{', '[' -> {
                if (depth == 0 && c == '[' || depth == 1 && !atValue) {
                    state = State.NONE;
                }
                begin(at, c == '{');
                depth++;
            }
            case '}', ']' -> {
                depth--;
                if (depth == 1) {
                    value(valueStart, at + 1);
                } else if (depth == 0) {
                    value(valueStart, at);
                    state = name == null || name.isEmpty() ? State.NONE : State.DONE;
                }
            }
            case ',' -> {
                if (depth == 1) {
                    value(valueStart, at);
                    atValue = false;
                    key = null;
                }
            }
            case ':' -> {
                if (depth == 1) {
                    atValue = true;
                    state = key == null ? State.NONE : state;
                }
            }
            default -> {
                if (depth == 0 || depth == 1 && !atValue) {
                    state = State.NONE;
                }
                begin(at, false);
            }
        }
    }

    private boolean isArguments() {
        return "arguments".equals(key) || "parameters".equals(key);
    }

    /** A value of the call's own members begins here, unless it has begun. */
    private void begin(int at, boolean object) {
        if (depth == 1 && atValue && valueStart < 0) {
            valueStart = at;
            if (object && isArguments()) {
                argumentsStart = at;
            }
        }
    }

    private void value(int start, int end) {
        if (start < 0) {
            return;
        }
        valueStart = -1;
        if (isArguments()) {
            argumentsStart = start;
            argumentsEnd = end;
        } else if ("name".equals(key) || "tool_name".equals(key)) {
            name = parsed(start, end) instanceof Json.Str string ? string.value() : null;
            state = name == null || name.isEmpty() ? State.NONE : state;
        }
    }

    private Json parsed(int start, int end) {
        try {
            return JsonParser.parse(text.substring(start, end));
        } catch (CremaException notJson) {
            return null;
        }
    }

    @Override
    public String name() {
        return name;
    }

    /** Whether it is a call for sure: its name is known, and its arguments have begun or it is complete. */
    @Override
    public boolean isCall() {
        return name != null && (state == State.DONE || state == State.OPEN && argumentsStart >= 0 && text.charAt(argumentsStart) == '{');
    }

    /** The arguments as far as they are known. Some models write them as a string that holds them. */
    @Override
    public String arguments() {
        if (argumentsStart < 0) {
            return "{}";
        }
        String written = text.substring(argumentsStart, argumentsEnd < 0 ? text.length() : argumentsEnd);
        return state == State.DONE && parsed(argumentsStart, argumentsEnd) instanceof Json.Str string ? string.value() : written;
    }

    /** Whether the arguments are complete. */
    boolean argumentsEnded() {
        return state == State.OPEN && argumentsEnd >= 0;
    }

    @Override
    public String text() {
        return text.toString();
    }
}
