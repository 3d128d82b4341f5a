package dev.crema.chat;

import dev.crema.CremaException;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

/** Reads {@code name(key=value, ...)}, where values are written as in Python or as JSON; the arguments are made parameter by parameter. */
final class PythonCallReader implements CallReader {
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder arguments = new StringBuilder();
    /** Where the argument begins that is being read. */
    private int at;
    private int depth;
    private char quote;
    private boolean escaped;
    private String name;
    private State state = State.OPEN;

    @Override
    public State append(char c) {
        text.append(c);
        if (name == null) {
            if (c == '(') {
                name = text.substring(0, text.length() - 1).strip();
                at = text.length();
            } else if (!Character.isLetterOrDigit(c) && "_.- ".indexOf(c) < 0) {
                state = State.NONE;
            }
        } else if (quote != 0) {
            quote = !escaped && c == quote ? 0 : quote;
            escaped = !escaped && c == '\\';
        } else {
            structure(c);
        }
        return state;
    }

    private void structure(char c) {
        switch (c) {
            case '"', '\'' -> quote = c;
            case '[', '{', '(' -> depth++;
            case ']', '}' -> depth--;
            case ')' -> {
                if (depth-- == 0) {
                    argument();
                    arguments.append(arguments.isEmpty() ? "{}" : "}");
                    state = state == State.NONE ? state : State.DONE;
                }
            }
            case ',' -> {
                if (depth == 0) {
                    argument();
                }
            }
            default -> { }
        }
        state = depth < 0 && state == State.OPEN ? State.NONE : state;
    }

    private void argument() {
        String written = text.substring(at, text.length() - 1).strip();
        at = text.length();
        int equals = written.indexOf('=');
        if (written.isEmpty()) {
            return;
        }
        Json value = equals <= 0 ? null : value(written.substring(equals + 1).strip());
        if (value == null) {
            state = State.NONE;
            return;
        }
        arguments.append(arguments.isEmpty() ? "{" : ", ").append(Json.of(written.substring(0, equals).strip())).append(": ").append(value);
    }

    /** Null where it is neither JSON nor what Python writes in its place. */
    private static Json value(String written) {
        try {
            return JsonParser.parse(written);
        } catch (CremaException notJson) {
            try {
                return JsonParser.parse(asJson(written));
            } catch (CremaException noLiteral) {
                return null;
            }
        }
    }

    /** A Python literal as JSON: other quotes, other names of true, false and null. */
    private static String asJson(String literal) {
        var out = new StringBuilder();
        for (int i = 0; i < literal.length();) {
            char c = literal.charAt(i);
            if (c == '"' || c == '\'') {
                i = string(literal, i, out);
            } else if (Character.isLetter(c)) {
                int end = i;
                while (end < literal.length() && Character.isLetter(literal.charAt(end))) {
                    end++;
                }
                String word = literal.substring(i, end);
                out.append(switch (word) {
                    case "True" -> "true";
                    case "False" -> "false";
                    case "None" -> "null";
                    default -> word;
                });
                i = end;
            } else {
                out.append(c == '(' ? '[' : c == ')' ? ']' : c);
                i++;
            }
        }
        return out.toString();
    }

    /** Appends the string that begins at {@code from}; gives its end. */
    private static int string(String literal, int from, StringBuilder out) {
        char quote = literal.charAt(from);
        var value = new StringBuilder();
        int i = from + 1;
        while (i < literal.length() && literal.charAt(i) != quote) {
            char c = literal.charAt(i++);
            if (c == '\\' && i < literal.length()) {
                char escape = literal.charAt(i++);
                value.append(switch (escape) {
                    case 'n' -> "\n";
                    case 't' -> "\t";
                    case 'r' -> "\r";
                    case '\\', '\'', '"' -> String.valueOf(escape);
                    default -> "\\" + escape;
                });
            } else {
                value.append(c);
            }
        }
        out.append(Json.of(value.toString()));
        return i + 1;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isCall() {
        return name != null && !name.isEmpty() && state != State.NONE;
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
