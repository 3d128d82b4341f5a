package dev.crema.chat.jinja;

import java.util.List;

/** Python's two ways to fill values into a string: {@code "{}".format(x)} and {@code "%s" % x}, without their mini-languages of widths. */
final class TextFormat {
    private TextFormat() { }

    /** {@code {}}, {@code {0}} and {@code {name}}, with {@code {{} and {@code }}} for braces. */
    static Value braces(String text, Arguments arguments) {
        var out = new StringBuilder();
        int automatic = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = (c == '{' || c == '}') && i + 1 < text.length() && text.charAt(i + 1) == c;
            if (c != '{' && c != '}' || doubled) {
                out.append(c);
                i += doubled ? 1 : 0;
                continue;
            }
            int end = c == '{' ? text.indexOf('}', i) : -1;
            if (end < 0) {
                throw new JinjaError("format(): a single '" + c + "'");
            }
            String field = text.substring(i + 1, end);
            out.append(PythonText.string(field(field.isEmpty() ? Integer.toString(automatic++) : field, arguments), arguments.budget()));
            i = end;
        }
        arguments.budget().make(out.length());
        return Value.of(out.toString());
    }

    private static Value field(String name, Arguments arguments) {
        boolean number = !name.isEmpty() && name.length() < 5;
        for (int i = 0; i < name.length(); i++) {
            number &= name.charAt(i) >= '0' && name.charAt(i) <= '9';
        }
        Value value = number ? index(arguments.positional(), Integer.parseInt(name)) : arguments.named().get(name);
        if (value == null) {
            throw new JinjaError("format(): nothing for the field '" + name + "'");
        }
        return value;
    }

    private static Value index(List<Value> values, int index) {
        return index < values.size() ? values.get(index) : null;
    }

    /** {@code %s}, {@code %r}, {@code %d}, {@code %f} and {@code %%}; {@code %.2f} with a number of decimals. */
    static Value percent(String text, List<Value> values, Budget budget) {
        var out = new StringBuilder();
        int used = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int decimals = -1;
            i++;
            if (i + 2 < text.length() && text.charAt(i) == '.' && Character.digit(text.charAt(i + 1), 10) >= 0) {
                decimals = Character.digit(text.charAt(i + 1), 10);
                i += 2;
            }
            char kind = i < text.length() ? text.charAt(i) : 0;
            if (kind == '%') {
                out.append('%');
                continue;
            }
            if (used == values.size()) {
                throw new JinjaError("not enough values for the format string");
            }
            String filled = filled(kind, decimals, values.get(used++), budget);
            budget.make(filled.length());
            out.append(filled);
        }
        if (used < values.size()) {
            throw new JinjaError("more values than the format string takes");
        }
        return Value.of(out.toString());
    }

    private static String filled(char kind, int decimals, Value value, Budget budget) {
        return switch (kind) {
            case 's' -> PythonText.string(Operators.defined(value), budget);
            case 'r' -> PythonText.repr(Operators.defined(value));
            case 'd', 'i' -> Numbers.number(value) instanceof Value.Float f ? Long.toString((long) f.value()) : Long.toString(Operators.whole(value));
            case 'f' -> Numbers.fixed(Operators.real(Numbers.number(value)), decimals < 0 ? 6 : decimals);
            default -> throw new JinjaError("can't format with '%" + kind + "'");
        };
    }
}
