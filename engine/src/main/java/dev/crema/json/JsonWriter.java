package dev.crema.json;

import java.util.Map;

/** Writes JSON text. {@code <}, {@code /} and all of Unicode stay as they are; control characters are escaped. */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private JsonWriter() { }

    /** Without any white space: {@code {"a":[1,2]}}. */
    public static String compact(Json value) {
        var out = new StringBuilder();
        write(value, out, -1, 0, ",", ":");
        return out.toString();
    }

    /** Indented by {@code indent} spaces a level. */
    public static String pretty(Json value, int indent) {
        var out = new StringBuilder();
        write(value, out, indent, 0, ",", ": ");
        return out.toString();
    }

    /** As Python's {@code json.dumps(ensure_ascii=False)} writes it, which chat templates rely on: {@code {"a": [1, 2]}}. */
    public static String python(Json value) {
        var out = new StringBuilder();
        write(value, out, -1, 0, ", ", ": ");
        return out.toString();
    }

    /** Appends {@code text} as a JSON string with its quotes. */
    public static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || loneSurrogate(text, i)) {
                        out.append("\\u").append(HEX.charAt(c >> 12)).append(HEX.charAt(c >> 8 & 15))
                            .append(HEX.charAt(c >> 4 & 15)).append(HEX.charAt(c & 15));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** Half a character can't be written as UTF-8, but it can be escaped. */
    private static boolean loneSurrogate(String text, int i) {
        char c = text.charAt(i);
        if (Character.isHighSurrogate(c)) {
            return i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1));
        }
        return Character.isLowSurrogate(c) && (i == 0 || !Character.isHighSurrogate(text.charAt(i - 1)));
    }

    private static void write(Json value, StringBuilder out, int indent, int depth, String comma, String colon) {
        switch (value) {
            case Json.Str string -> quote(string.value(), out);
            case Json.Arr array -> {
                out.append('[');
                boolean first = true;
                for (Json item : array.items()) {
                    out.append(first ? "" : comma);
                    newLine(out, indent, depth + 1);
                    write(item, out, indent, depth + 1, comma, colon);
                    first = false;
                }
                if (!first) {
                    newLine(out, indent, depth);
                }
                out.append(']');
            }
            case Json.Obj object -> {
                out.append('{');
                boolean first = true;
                for (Map.Entry<String, Json> member : object.members().entrySet()) {
                    out.append(first ? "" : comma);
                    newLine(out, indent, depth + 1);
                    quote(member.getKey(), out);
                    out.append(colon);
                    write(member.getValue(), out, indent, depth + 1, comma, colon);
                    first = false;
                }
                if (!first) {
                    newLine(out, indent, depth);
                }
                out.append('}');
            }
            case Json.Null n -> out.append(n);
            case Json.Bool b -> out.append(b);
            case Json.Num n -> out.append(n);
        }
    }

    private static void newLine(StringBuilder out, int indent, int depth) {
        if (indent >= 0) {
            out.append('\n');
            for (int i = 0; i < indent * depth; i++) {
                out.append(' ');
            }
        }
    }
}
