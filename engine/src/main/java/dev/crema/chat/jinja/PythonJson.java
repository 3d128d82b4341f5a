package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;
import dev.crema.json.JsonWriter;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The filter {@code tojson} as Hugging Face defines it: Python's {@code json.dumps} without HTML escapes. */
final class PythonJson {
    private final boolean ascii;
    private final boolean sorted;
    private final String indent;
    private final String comma;
    private final String colon;
    private final Budget budget;
    private final StringBuilder out = new StringBuilder();

    private PythonJson(boolean ascii, boolean sorted, String indent, String comma, String colon, Budget budget) {
        this.ascii = ascii;
        this.sorted = sorted;
        this.indent = indent;
        this.comma = comma;
        this.colon = colon;
        this.budget = budget;
    }

    /** {@code value | tojson(ensure_ascii, indent, separators, sort_keys)}. */
    static Value filter(Value value, Arguments arguments) {
        Value[] given = arguments.bind("ensure_ascii", "indent", "separators", "sort_keys");
        String indent = indent(given[1], arguments);
        String comma = indent == null ? ", " : ",";
        String colon = ": ";
        if (given[2] instanceof Seq separators && separators.items().size() == 2) {
            comma = arguments.string(separators.items().get(0), "separators");
            colon = arguments.string(separators.items().get(1), "separators");
        }
        var writer = new PythonJson(Arguments.flag(given[0], false), Arguments.flag(given[3], false), indent, comma, colon, arguments.budget());
        writer.write(value, 0);
        return Value.of(writer.out.toString());
    }

    private static String indent(Value value, Arguments arguments) {
        return switch (value) {
            case null -> null;
            case Value.None none -> null;
            case Value.Str text -> text.text();
            default -> " ".repeat((int) Math.max(0, Math.min(64, arguments.integer(value, "indent", 0))));
        };
    }

    private void write(Value value, int depth) {
        Operators.checkDepth(depth);
        budget.make(2);
        int before = out.length();
        switch (value) {
            case Value.None n -> out.append("null");
            case Value.Bool b -> out.append(b.value());
            case Value.Int i -> out.append(i.value());
            case Value.Float f -> out.append(real(f));
            case Value.Str s -> quote(s.text());
            case Seq s -> {
                writeItems(s.items(), depth + 1);
                return;
            }
            case Value.Dict d -> {
                writeEntries(d.entries(), depth + 1);
                return;
            }
            case Value.Undefined u -> throw new JinjaError("tojson: " + u.what());
            default -> throw new JinjaError("tojson: a " + value.typeName() + " is not JSON");
        }
        budget.make(out.length() - before);
    }

    private static String real(Value.Float number) {
        String text = PythonText.real(number);
        return switch (text) {
            case "nan" -> "NaN";
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            default -> text;
        };
    }

    private void writeItems(List<Value> items, int depth) {
        out.append('[');
        for (int i = 0; i < items.size(); i++) {
            out.append(i == 0 ? "" : comma);
            newLine(depth);
            write(items.get(i), depth);
        }
        close(']', items.isEmpty(), depth);
    }

    private void writeEntries(Map<Value, Value> entries, int depth) {
        List<Value> keys = new ArrayList<>(entries.keySet());
        if (sorted) {
            keys.sort((a, b) -> Operators.order(a, b, budget));
        }
        out.append('{');
        for (int i = 0; i < keys.size(); i++) {
            out.append(i == 0 ? "" : comma);
            newLine(depth);
            Value key = keys.get(i);
            quote(key instanceof Value.Str text ? text.text() : keyText(key));
            out.append(colon);
            write(entries.get(key), depth);
        }
        close('}', keys.isEmpty(), depth);
    }

    private static String keyText(Value key) {
        return switch (key) {
            case Value.None n -> "null";
            case Value.Bool b -> b.value() ? "true" : "false";
            case Value.Float f -> real(f);
            default -> PythonText.repr(key);
        };
    }

    private void close(char bracket, boolean empty, int depth) {
        if (!empty) {
            newLine(depth - 1);
        }
        out.append(bracket);
    }

    private void newLine(int depth) {
        if (indent != null) {
            budget.make((long) indent.length() * depth + 1);
            out.append('\n').append(indent.repeat(depth));
        }
    }

    private void quote(String text) {
        if (!ascii) {
            JsonWriter.quote(text, out);
            return;
        }
        var quoted = new StringBuilder();
        JsonWriter.quote(text, quoted);
        for (int i = 0; i < quoted.length(); i++) {
            char c = quoted.charAt(i);
            if (c < 0x7F) {
                out.append(c);
            } else {
                String hex = Integer.toHexString(c);
                out.append("\\u").append("0000", hex.length(), 4).append(hex);
            }
        }
    }
}
