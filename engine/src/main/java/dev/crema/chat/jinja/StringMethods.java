package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;

/** Python's methods of {@code str}. Lengths and places count code points, as Python's do. */
final class StringMethods {
    private StringMethods() { }

    /** The method {@code name} of {@code text}, or null. */
    static Value find(String text, String name) {
        return switch (name) {
            case "upper", "lower", "casefold", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines",
                "startswith", "endswith", "replace", "join", "find", "rfind", "index", "count", "removeprefix", "removesuffix",
                "partition", "rpartition", "isdigit", "isalpha", "isalnum", "isspace", "islower", "isupper", "isnumeric", "isdecimal",
                "ljust", "rjust", "center", "zfill", "format" ->
                new Value.Function(name, arguments -> call(text, name, arguments));
            default -> null;
        };
    }

    private static Value call(String text, String name, Arguments arguments) {
        arguments.budget().make(text.length());
        return switch (name) {
            case "strip", "lstrip", "rstrip" -> Value.of(strip(text, stripped(arguments), !name.equals("rstrip"), !name.equals("lstrip")));
            case "split" -> split(text, arguments);
            case "rsplit" -> splitFromEnd(text, arguments);
            case "splitlines" -> lines(text, arguments);
            case "startswith", "endswith" -> Value.of(meets(text, name.equals("startswith"), arguments));
            case "replace" -> replace(text, arguments);
            case "join" -> Value.of(join(text, Sequences.items(arguments.only("iterable"), arguments.budget()), arguments));
            case "find", "rfind", "index", "count" -> search(text, name, arguments);
            case "removeprefix" -> {
                String prefix = arguments.string(arguments.only("prefix"), "prefix");
                yield Value.of(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
            }
            case "removesuffix" -> {
                String suffix = arguments.string(arguments.only("suffix"), "suffix");
                yield Value.of(text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text);
            }
            case "partition" -> partition(text, text.indexOf(separator(arguments)), separator(arguments), false);
            case "rpartition" -> partition(text, text.lastIndexOf(separator(arguments)), separator(arguments), true);
            case "ljust", "rjust", "center", "zfill" -> pad(text, name, arguments);
            case "format" -> TextFormat.braces(text, arguments);
            default -> {
                arguments.bind();
                yield name.startsWith("is") ? Value.of(TextCase.is(text, name)) : Value.of(TextCase.change(text, name));
            }
        };
    }

    private static String stripped(Arguments arguments) {
        Value characters = arguments.bind("chars")[0];
        return characters == null || characters instanceof Value.None ? null : arguments.string(characters, "chars");
    }

    /** {@code characters} null strips white space. */
    static String strip(String text, String characters, boolean left, boolean right) {
        int start = 0;
        int end = text.length();
        while (left && start < end && strips(characters, text.codePointAt(start))) {
            start += Character.charCount(text.codePointAt(start));
        }
        while (right && start < end && strips(characters, text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(start, end);
    }

    private static boolean strips(String characters, int c) {
        return characters == null ? c < 0x10000 && PythonText.isSpace((char) c) : characters.indexOf(c) >= 0;
    }

    private static Value split(String text, Arguments arguments) {
        Value[] given = arguments.bind("sep", "maxsplit");
        long limit = arguments.integer(given[1], "maxsplit", -1);
        var parts = new ArrayList<Value>();
        if (given[0] == null || given[0] instanceof Value.None) {
            splitAtSpace(text, limit, parts);
        } else {
            String separator = nonEmpty(arguments.string(given[0], "sep"));
            int start = 0;
            int found = text.indexOf(separator);
            while (found >= 0 && (limit < 0 || parts.size() < limit)) {
                parts.add(Value.of(text.substring(start, found)));
                start = found + separator.length();
                found = text.indexOf(separator, start);
            }
            parts.add(Value.of(text.substring(start)));
        }
        arguments.budget().makeItems(parts.size());
        return Seq.list(parts);
    }

    private static String nonEmpty(String separator) {
        if (separator.isEmpty()) {
            throw new JinjaError("an empty separator");
        }
        return separator;
    }

    private static void splitAtSpace(String text, long limit, List<Value> parts) {
        int at = 0;
        while (true) {
            while (at < text.length() && PythonText.isSpace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return;
            }
            if (limit >= 0 && parts.size() >= limit) {
                parts.add(Value.of(text.substring(at)));
                return;
            }
            int start = at;
            while (at < text.length() && !PythonText.isSpace(text.charAt(at))) {
                at++;
            }
            parts.add(Value.of(text.substring(start, at)));
        }
    }

    private static Value splitFromEnd(String text, Arguments arguments) {
        Value[] given = arguments.bind("sep", "maxsplit");
        long limit = arguments.integer(given[1], "maxsplit", -1);
        if (limit < 0) {
            return split(text, arguments);
        }
        String separator = nonEmpty(arguments.string(given[0], "sep"));
        var parts = new ArrayList<Value>();
        int end = text.length();
        int found = text.lastIndexOf(separator);
        while (found >= 0 && parts.size() < limit) {
            parts.add(0, Value.of(text.substring(found + separator.length(), end)));
            end = found;
            found = end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length());
        }
        parts.add(0, Value.of(text.substring(0, end)));
        arguments.budget().makeItems(parts.size());
        return Seq.list(parts);
    }

    private static Value lines(String text, Arguments arguments) {
        boolean keep = Arguments.flag(arguments.bind("keepends")[0], false);
        var lines = new ArrayList<Value>();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && !isLineEnd(text.charAt(end))) {
                end++;
            }
            int next = end == text.length() ? end : text.startsWith("\r\n", end) ? end + 2 : end + 1;
            lines.add(Value.of(text.substring(start, keep ? next : end)));
            start = next;
        }
        arguments.budget().makeItems(lines.size());
        return Seq.list(lines);
    }

    private static boolean isLineEnd(char c) {
        return c >= '\n' && c <= '\r' || c >= 0x1C && c <= 0x1E || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    /** {@code startswith} and {@code endswith} take one string, or a tuple of which one must fit. */
    private static boolean meets(String text, boolean start, Arguments arguments) {
        Value wanted = arguments.only(start ? "prefix" : "suffix");
        List<Value> candidates = wanted instanceof Seq several && several.kind() == Seq.Kind.TUPLE ? several.items() : List.of(wanted);
        for (Value candidate : candidates) {
            String part = arguments.string(Operators.defined(candidate), start ? "prefix" : "suffix");
            if (start ? text.startsWith(part) : text.endsWith(part)) {
                return true;
            }
        }
        return false;
    }

    static Value replace(String text, Arguments arguments) {
        Value[] given = arguments.bind("old", "new", "count");
        String old = arguments.string(given[0], "old");
        String replacement = arguments.string(given[1], "new");
        long limit = given[2] instanceof Value.None ? -1 : arguments.integer(given[2], "count", -1);
        var out = new StringBuilder();
        int start = 0;
        long count = 0;
        int found = text.indexOf(old);
        while (found >= 0 && (limit < 0 || count < limit)) {
            arguments.budget().make(found - start + replacement.length() + 1L);
            out.append(text, start, found).append(replacement);
            start = found + old.length();
            count++;
            if (old.isEmpty()) {
                if (start == text.length()) {
                    break;
                }
                out.appendCodePoint(text.codePointAt(start));
                start += Character.charCount(text.codePointAt(start));
            }
            found = text.indexOf(old, start);
        }
        return Value.of(out.append(text, start, text.length()).toString());
    }

    static String join(String separator, List<Value> items, Arguments arguments) {
        var out = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            String part = arguments.string(Operators.defined(items.get(i)), "iterable");
            arguments.budget().make((long) part.length() + separator.length());
            out.append(i == 0 ? "" : separator).append(part);
        }
        return out.toString();
    }

    private static Value search(String text, String name, Arguments arguments) {
        String part = arguments.string(arguments.only("sub"), "sub");
        if (name.equals("count")) {
            int count = part.isEmpty() ? text.codePointCount(0, text.length()) + 1 : 0;
            for (int at = part.isEmpty() ? -1 : text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
                count++;
            }
            return Value.of(count);
        }
        int found = name.equals("rfind") ? text.lastIndexOf(part) : text.indexOf(part);
        if (found < 0 && name.equals("index")) {
            throw new JinjaError("substring not found");
        }
        return Value.of(found < 0 ? -1 : text.codePointCount(0, found));
    }

    private static String separator(Arguments arguments) {
        return nonEmpty(arguments.string(arguments.only("sep"), "sep"));
    }

    private static Value partition(String text, int found, String separator, boolean fromEnd) {
        if (found < 0) {
            return fromEnd ? Seq.tuple(Value.of(""), Value.of(""), Value.of(text)) : Seq.tuple(Value.of(text), Value.of(""), Value.of(""));
        }
        return Seq.tuple(Value.of(text.substring(0, found)), Value.of(separator), Value.of(text.substring(found + separator.length())));
    }

    private static Value pad(String text, String name, Arguments arguments) {
        Value[] given = name.equals("zfill") ? arguments.bind("width") : arguments.bind("width", "fillchar");
        long width = arguments.integer(arguments.required(given[0], "width"), "width", 0);
        String fill = name.equals("zfill") ? "0" : arguments.string(given[1], "fillchar", " ");
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw new JinjaError(name + "(): 'fillchar' must be one character");
        }
        return pad(text, name, width, fill, arguments.budget());
    }

    /** Fills {@code text} up to {@code width}; {@code name} is the method that says on which side. */
    static Value pad(String text, String name, long width, String fill, Budget budget) {
        long missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return Value.of(text);
        }
        budget.make(missing);
        int all = (int) missing;
        if (name.equals("zfill")) {
            boolean signed = text.startsWith("-") || text.startsWith("+");
            return Value.of((signed ? text.substring(0, 1) : "") + fill.repeat(all) + (signed ? text.substring(1) : text));
        }
        // Python puts the odd one out on the left of an odd width.
        int left = name.equals("ljust") ? 0 : name.equals("rjust") ? all : (int) (missing / 2 + (missing & width & 1));
        return Value.of(fill.repeat(left) + text + fill.repeat(all - left));
    }
}
