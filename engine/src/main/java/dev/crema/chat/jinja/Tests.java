package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.Set;

/** The tests after {@code is}: jinja.palletsprojects.com/en/3.1.x/templates/#list-of-builtin-tests. */
final class Tests {
    private static final Set<String> NAMES = Set.of("defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number",
        "string", "mapping", "iterable", "sequence", "callable", "odd", "even", "divisibleby", "sameas", "lower", "upper", "in", "eq", "equalto",
        "ne", "lt", "lessthan", "le", "gt", "greaterthan", "ge", "filter", "test", "escaped");

    private Tests() { }

    static boolean isTest(String name) {
        return NAMES.contains(name);
    }

    static boolean test(String name, Value value, Arguments arguments) {
        if (!isTest(name)) {
            throw new JinjaError("no test named '" + name + "'");
        }
        String operator = operator(name);
        if (operator != null) {
            return Operators.compare(operator, value, arguments.only("other"), arguments.budget());
        }
        return switch (name) {
            case "divisibleby" -> remainder(value, arguments.only("num"), 0);
            case "sameas" -> same(value, arguments.only("other"));
            case "filter" -> value instanceof Value.Str text && Filters.isFilter(text.text());
            case "test" -> value instanceof Value.Str text && isTest(text.text());
            default -> {
                arguments.bind();
                yield kind(name, value);
            }
        };
    }

    /** The operator that a test is another name of, or null. */
    private static String operator(String test) {
        return switch (test) {
            case "eq", "equalto" -> "==";
            case "ne" -> "!=";
            case "lt", "lessthan" -> "<";
            case "le" -> "<=";
            case "gt", "greaterthan" -> ">";
            case "ge" -> ">=";
            case "in" -> "in";
            default -> null;
        };
    }

    private static boolean kind(String name, Value value) {
        return switch (name) {
            case "defined" -> !(value instanceof Value.Undefined);
            case "undefined" -> value instanceof Value.Undefined;
            case "none" -> value instanceof Value.None;
            case "boolean" -> value instanceof Value.Bool;
            case "true" -> value.equals(Value.TRUE);
            case "false" -> value.equals(Value.FALSE);
            case "integer" -> value instanceof Value.Int || value instanceof Value.Float f && f.spelling() != null;
            case "float" -> value instanceof Value.Float f && f.spelling() == null;
            case "number" -> Operators.isNumber(value);
            case "string" -> value instanceof Value.Str;
            case "mapping" -> value instanceof Value.Dict;
            case "iterable" -> Sequences.isIterable(value);
            case "sequence" -> Sequences.isIterable(value) && !(value instanceof Seq s && s.kind() == Seq.Kind.LAZY);
            case "callable" -> value instanceof Value.Function || value instanceof Value.Loop;
            case "odd" -> remainder(value, Value.of(2), 1);
            case "even" -> remainder(value, Value.of(2), 0);
            case "lower" -> value instanceof Value.Str s && isCase(s.text(), false);
            case "upper" -> value instanceof Value.Str s && isCase(s.text(), true);
            default -> false;
        };
    }

    private static boolean remainder(Value value, Value divisor, long expected) {
        return Operators.real(Arithmetic.binary("%", Numbers.number(value), Numbers.number(divisor))) == expected;
    }

    private static boolean same(Value a, Value b) {
        return a == b || a instanceof Value.None && b instanceof Value.None || a instanceof Value.Bool x && x.equals(b)
            || a instanceof Value.Int y && y.equals(b) || a instanceof Value.Str z && z.equals(b);
    }

    /** Python's {@code islower} and {@code isupper}: some letter, and none of the other case. */
    static boolean isCase(String text, boolean upper) {
        boolean found = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (upper ? Character.isLowerCase(c) : Character.isUpperCase(c)) {
                return false;
            }
            found |= upper ? Character.isUpperCase(c) : Character.isLowerCase(c);
        }
        return found;
    }
}
