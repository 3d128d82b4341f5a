package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.List;
import java.util.Map;

/** How Python prints: {@code str()}, {@code repr()}, floats, and what it takes for white space. */
final class PythonText {
    private static final String HEX = "0123456789abcdef";

    private PythonText() { }

    /** What {@code str.strip()} strips and {@code str.split()} splits at. */
    static boolean isSpace(char c) {
        if (c <= ' ') {
            return c == ' ' || c >= 0x09 && c <= 0x0D || c >= 0x1C && c <= 0x1F;
        }
        return c == 0x85 || c == 0xA0 || c == 0x1680 || c >= 0x2000 && c <= 0x200A || c == 0x2028 || c == 0x2029 || c == 0x202F
            || c == 0x205F || c == 0x3000;
    }

    /** {@code str(value)}, as output statements print it. */
    static String string(Value value, Budget budget) {
        if (value instanceof Value.Str text) {
            return text.text();
        }
        if (value instanceof Value.Undefined) {
            return "";
        }
        var out = new StringBuilder();
        repr(value, out, 0);
        budget.make(out.length());
        return out.toString();
    }

    static String repr(Value value) {
        var out = new StringBuilder();
        repr(value, out, 0);
        return out.toString();
    }

    private static void repr(Value value, StringBuilder out, int depth) {
        Operators.checkDepth(depth);
        if (out.length() > MAX_REPR) {
            throw new JinjaError("a value whose text is longer than " + MAX_REPR + " characters");
        }
        switch (value) {
            case Value.Undefined u -> out.append("Undefined");
            case Value.None n -> out.append("None");
            case Value.Bool b -> out.append(b.value() ? "True" : "False");
            case Value.Int i -> out.append(i.value());
            case Value.Float f -> out.append(real(f));
            case Value.Str s -> quote(s.text(), out);
            case Seq s -> sequence(s, out, depth + 1);
            case Value.Dict d -> dict(d.entries(), out, depth + 1);
            case Value.Namespace n -> out.append("<Namespace>");
            case Value.Function f -> out.append("<function ").append(f.name()).append('>');
            case Value.Loop l -> out.append("<LoopContext>");
        }
    }

    /** The same inner list can stand in an outer one many times, so the text can be far longer than what it is made of. */
    private static final int MAX_REPR = 16_000_000;

    private static void sequence(Seq sequence, StringBuilder out, int depth) {
        boolean tuple = sequence.kind() == Seq.Kind.TUPLE;
        List<Value> items = sequence.items();
        out.append(tuple ? '(' : '[');
        for (int i = 0; i < items.size(); i++) {
            out.append(i == 0 ? "" : ", ");
            repr(items.get(i), out, depth);
        }
        out.append(tuple ? items.size() == 1 ? ",)" : ")" : "]");
    }

    private static void dict(Map<Value, Value> entries, StringBuilder out, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<Value, Value> entry : entries.entrySet()) {
            out.append(first ? "" : ", ");
            repr(entry.getKey(), out, depth);
            out.append(": ");
            repr(entry.getValue(), out, depth);
            first = false;
        }
        out.append('}');
    }

    private static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(quote);
                    } else if (isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        escape(c, out);
                    }
                }
            }
        }
        out.append(quote);
    }

    private static void escape(int c, StringBuilder out) {
        int digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
        out.append('\\').append(digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
        for (int i = digits - 1; i >= 0; i--) {
            out.append(HEX.charAt(c >> 4 * i & 15));
        }
    }

    private static boolean isPrintable(int c) {
        if (c < 0x7F) {
            return c >= ' ';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }

    /** {@code repr} of a float: the shortest digits that read back, with an exponent from 1e16 on and below 1e-4. */
    static String real(Value.Float number) {
        if (number.spelling() != null) {
            return number.spelling();
        }
        double value = number.value();
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String java = Double.toString(Math.abs(value));
        int e = java.indexOf('E');
        String mantissa = e < 0 ? java : java.substring(0, e);
        int dot = mantissa.indexOf('.');
        String digits = mantissa.substring(0, dot) + mantissa.substring(dot + 1);
        int point = dot + (e < 0 ? 0 : Integer.parseInt(java.substring(e + 1)));
        int leading = 0;
        while (leading < digits.length() - 1 && digits.charAt(leading) == '0') {
            leading++;
        }
        int end = digits.length();
        while (end > leading + 1 && digits.charAt(end - 1) == '0') {
            end--;
        }
        boolean negative = value < 0 || 1 / value < 0;
        return (negative ? "-" : "") + place(digits.substring(leading, end), point - leading);
    }

    /** Digits with a point after the first {@code point} of them. */
    private static String place(String digits, int point) {
        if (digits.equals("0")) {
            return "0.0";
        }
        int exponent = point - 1;
        if (exponent < -4 || exponent >= 16) {
            String rest = digits.length() == 1 ? "" : "." + digits.substring(1);
            int size = Math.abs(exponent);
            return digits.charAt(0) + rest + "e" + (exponent < 0 ? "-" : "+") + (size < 10 ? "0" : "") + size;
        }
        if (point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        if (digits.length() <= point) {
            return digits + "0".repeat(point - digits.length()) + ".0";
        }
        return digits.substring(0, point) + "." + digits.substring(point);
    }
}
