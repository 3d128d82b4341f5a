package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The filters after {@code |}: jinja.palletsprojects.com/en/3.1.x/templates/#list-of-builtin-filters, {@code tojson} as in Hugging Face. */
final class Filters {
    private static final Set<String> NAMES = Set.of("abs", "batch", "capitalize", "center", "count", "d", "default", "dictsort", "e", "escape",
        "first", "float", "format", "groupby", "indent", "int", "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject",
        "rejectattr", "replace", "reverse", "round", "safe", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim",
        "unique", "upper", "wordcount");

    private Filters() { }

    static boolean isFilter(String name) {
        return NAMES.contains(name);
    }

    /** An unknown name is an error when it is reached, not before: a branch that is never taken may use what only others have. */
    static Value filter(String name, Value value, Arguments arguments) {
        if (!isFilter(name)) {
            throw new JinjaError("no filter named '" + name + "'");
        }
        return switch (name) {
            case "default", "d" -> orDefault(value, arguments);
            case "tojson" -> PythonJson.filter(value, arguments);
            case "length", "count" -> {
                arguments.bind();
                yield Value.of(Sequences.length(value, arguments.budget()));
            }
            case "abs" -> Numbers.abs(value);
            case "int" -> Numbers.toInt(value, arguments);
            case "float" -> {
                Value otherwise = arguments.bind("default")[0];
                yield Numbers.toFloat(value, otherwise == null ? new Value.Float(0) : otherwise);
            }
            case "round" -> Numbers.round(value, arguments);
            case "map", "select", "reject", "selectattr", "rejectattr" -> Selections.filter(name, value, arguments);
            case "batch", "dictsort", "first", "groupby", "items", "join", "last", "list", "max", "min", "reverse", "sort", "sum", "unique" ->
                SequenceFilters.filter(name, value, arguments);
            default -> text(name, PythonText.string(value, arguments.budget()), arguments);
        };
    }

    private static Value orDefault(Value value, Arguments arguments) {
        Value[] given = arguments.bind("default_value", "boolean");
        boolean missing = value instanceof Value.Undefined || Arguments.flag(given[1], false) && !Operators.truth(value);
        return !missing ? value : given[0] == null ? Value.of("") : given[0];
    }

    /** Filters that make a string of their input first. */
    private static Value text(String name, String text, Arguments arguments) {
        arguments.budget().make(text.length());
        return switch (name) {
            case "trim" -> {
                Value characters = arguments.bind("chars")[0];
                boolean spaces = characters == null || characters instanceof Value.None;
                yield Value.of(StringMethods.strip(text, spaces ? null : arguments.string(characters, "chars"), true, true));
            }
            case "replace" -> StringMethods.replace(text, arguments);
            case "indent" -> indent(text, arguments);
            case "format" -> TextFormat.percent(text, arguments.positional(), arguments.budget());
            case "center" -> StringMethods.pad(text, name, arguments.integer(arguments.bind("width")[0], "width", 80), " ", arguments.budget());
            default -> {
                arguments.bind();
                yield plain(name, text);
            }
        };
    }

    private static Value plain(String name, String text) {
        return switch (name) {
            case "upper", "lower", "capitalize" -> Value.of(TextCase.change(text, name));
            case "title" -> Value.of(TextCase.titleFilter(text));
            case "escape", "e" -> Value.of(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&#34;")
                .replace("'", "&#39;"));
            case "wordcount" -> Value.of(words(text));
            default -> Value.of(text);
        };
    }

    private static int words(String text) {
        int count = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            boolean letter = Character.isLetterOrDigit(text.charAt(i)) || text.charAt(i) == '_';
            count += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return count;
    }

    /** Puts blanks before each line but the first and the empty ones. */
    private static Value indent(String text, Arguments arguments) {
        Value[] given = arguments.bind("width", "first", "blank");
        String blanks = given[0] instanceof Value.Str prefix ? prefix.text()
            : " ".repeat((int) Math.max(0, Math.min(1000, arguments.integer(given[0], "width", 4))));
        boolean blank = Arguments.flag(given[2], false);
        var out = new StringBuilder();
        List<String> lines = lines(text);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            boolean indented = i == 0 ? Arguments.flag(given[1], false) : blank || !line.isEmpty();
            arguments.budget().make(line.length() + blanks.length() + 1L);
            out.append(i == 0 ? "" : "\n").append(indented ? blanks : "").append(line);
        }
        return Value.of(out.toString());
    }

    private static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            lines.add(text.substring(start, end));
            start = end + 1;
        }
        lines.add(text.substring(start));
        return lines;
    }
}
