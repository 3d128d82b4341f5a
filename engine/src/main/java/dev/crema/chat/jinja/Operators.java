package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's operators over {@link Value}s. */
final class Operators {
    /** Values nested deeper than this are not compared, printed or serialised: the stack must hold. */
    static final int MAX_VALUE_DEPTH = 100;

    private Operators() { }

    static boolean truth(Value value) {
        return switch (value) {
            case Value.Undefined u -> false;
            case Value.None n -> false;
            case Value.Bool b -> b.value();
            case Value.Int i -> i.value() != 0;
            case Value.Float f -> f.value() != 0;
            case Value.Str s -> !s.text().isEmpty();
            case Seq s -> s.kind() == Seq.Kind.LAZY || !s.items().isEmpty();
            case Value.Dict d -> !d.entries().isEmpty();
            case Value.Namespace n -> true;
            case Value.Function f -> true;
            case Value.Loop l -> true;
        };
    }

    /** Refuses a value that is not there. */
    static Value defined(Value value) {
        if (value instanceof Value.Undefined undefined) {
            throw new JinjaError(undefined.what());
        }
        return value;
    }

    static boolean isNumber(Value value) {
        return value instanceof Value.Int || value instanceof Value.Float || value instanceof Value.Bool;
    }

    static boolean isWhole(Value value) {
        return value instanceof Value.Int || value instanceof Value.Bool;
    }

    static long whole(Value value) {
        return value instanceof Value.Bool flag ? flag.value() ? 1 : 0 : ((Value.Int) value).value();
    }

    static double real(Value value) {
        return value instanceof Value.Float number ? number.value() : whole(value);
    }

    static boolean equal(Value a, Value b, Budget budget) {
        return equal(a, b, 0, budget);
    }

    private static boolean equal(Value a, Value b, int depth, Budget budget) {
        checkDepth(depth);
        budget.read(Budget.CHARS_PER_STEP);
        if (isNumber(a) && isNumber(b)) {
            return isWhole(a) && isWhole(b) ? whole(a) == whole(b) : real(a) == real(b);
        }
        return switch (a) {
            case Value.Str s -> b instanceof Value.Str other && s.text().equals(other.text());
            case Seq s -> b instanceof Seq other && s.kind() == other.kind() && equal(s.items(), other.items(), depth + 1, budget);
            case Value.Dict d -> b instanceof Value.Dict other && equal(d, other, depth + 1, budget);
            case Value.Undefined u -> b instanceof Value.Undefined;
            case Value.None n -> b instanceof Value.None;
            default -> a == b;
        };
    }

    private static boolean equal(List<Value> a, List<Value> b, int depth, Budget budget) {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!equal(a.get(i), b.get(i), depth, budget)) {
                return false;
            }
        }
        return true;
    }

    private static boolean equal(Value.Dict a, Value.Dict b, int depth, Budget budget) {
        if (a.entries().size() != b.entries().size()) {
            return false;
        }
        for (Map.Entry<Value, Value> entry : a.entries().entrySet()) {
            Value other = b.entries().get(entry.getKey());
            if (other == null || !equal(entry.getValue(), other, depth, budget)) {
                return false;
            }
        }
        return true;
    }

    static void checkDepth(int depth) {
        if (depth > MAX_VALUE_DEPTH) {
            throw new JinjaError("a value nested deeper than " + MAX_VALUE_DEPTH);
        }
    }

    /** Order of numbers, strings (by code point) and lists; anything else can't be ordered. */
    static int order(Value a, Value b, Budget budget) {
        return order(a, b, 0, budget);
    }

    private static int order(Value a, Value b, int depth, Budget budget) {
        checkDepth(depth);
        budget.read(Budget.CHARS_PER_STEP);
        if (isNumber(a) && isNumber(b)) {
            return isWhole(a) && isWhole(b) ? Long.compare(whole(a), whole(b)) : Double.compare(real(a), real(b));
        }
        if (a instanceof Value.Str x && b instanceof Value.Str y) {
            return compareText(x.text(), y.text());
        }
        if (a instanceof Seq x && b instanceof Seq y) {
            for (int i = 0; i < x.items().size() && i < y.items().size(); i++) {
                if (!equal(x.items().get(i), y.items().get(i), depth + 1, budget)) {
                    return order(x.items().get(i), y.items().get(i), depth + 1, budget);
                }
            }
            return Integer.compare(x.items().size(), y.items().size());
        }
        throw new JinjaError("can't order " + defined(a).typeName() + " and " + defined(b).typeName());
    }

    private static int compareText(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean pairs = Character.isSurrogate(x) != Character.isSurrogate(y);
                return pairs ? Character.isSurrogate(x) ? 1 : -1 : Character.compare(x, y);
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    static boolean compare(String operator, Value a, Value b, Budget budget) {
        if (a instanceof Value.Str text) {
            budget.read(text.text().length());
        }
        return switch (operator) {
            case "==" -> equal(a, b, budget);
            case "!=" -> !equal(a, b, budget);
            case "in" -> contains(b, a, budget);
            case "not in" -> !contains(b, a, budget);
            case "<" -> comparable(a, b) && order(a, b, budget) < 0;
            case "<=" -> comparable(a, b) && order(a, b, budget) <= 0;
            case ">" -> comparable(a, b) && order(a, b, budget) > 0;
            default -> comparable(a, b) && order(a, b, budget) >= 0;
        };
    }

    /** False for NaN, which is neither smaller nor larger. */
    private static boolean comparable(Value a, Value b) {
        return !(a instanceof Value.Float x && Double.isNaN(x.value()) || b instanceof Value.Float y && Double.isNaN(y.value()));
    }

    static boolean contains(Value container, Value item, Budget budget) {
        switch (container) {
            case Value.Str text -> {
                if (item instanceof Value.Str part) {
                    budget.read(text.text().length());
                    return text.text().contains(part.text());
                }
                throw new JinjaError("'in' a str needs a str on its left, not " + defined(item).typeName());
            }
            case Seq sequence -> {
                for (Value candidate : sequence.items()) {
                    if (equal(candidate, item, budget)) {
                        return true;
                    }
                }
                return false;
            }
            case Value.Dict dict -> {
                return isKey(item) && dict.entries().containsKey(item);
            }
            case Value.Undefined undefined -> {
                return false;
            }
            default -> throw new JinjaError("'in' needs a str, list or dict on its right, not " + container.typeName());
        }
    }

    static boolean isKey(Value value) {
        return value instanceof Value.Str || isNumber(value) || value instanceof Value.None;
    }

    static Value binary(String operator, Value a, Value b, Budget budget) {
        defined(a);
        defined(b);
        if (operator.equals("+")) {
            if (a instanceof Value.Str x && b instanceof Value.Str y) {
                budget.make((long) x.text().length() + y.text().length());
                return new Value.Str(x.text() + y.text());
            }
            if (a instanceof Seq x && b instanceof Seq y && x.kind() == y.kind()) {
                return join(x, y, budget);
            }
        }
        if (operator.equals("*")) {
            Value repeated = isWhole(b) ? repeat(a, whole(b), budget) : isWhole(a) ? repeat(b, whole(a), budget) : null;
            if (repeated != null) {
                return repeated;
            }
        }
        if (operator.equals("%") && a instanceof Value.Str text) {
            return TextFormat.percent(text.text(), b instanceof Seq s && s.kind() == Seq.Kind.TUPLE ? s.items() : List.of(b), budget);
        }
        if (isNumber(a) && isNumber(b)) {
            return Arithmetic.binary(operator, a, b);
        }
        throw new JinjaError("can't apply '" + operator + "' to " + a.typeName() + " and " + b.typeName());
    }

    private static Value join(Seq a, Seq b, Budget budget) {
        budget.makeItems((long) a.items().size() + b.items().size());
        var items = new ArrayList<Value>(a.items().size() + b.items().size());
        items.addAll(a.items());
        items.addAll(b.items());
        return new Seq(items, a.kind());
    }

    /** A string or list {@code count} times; null for other values. */
    private static Value repeat(Value value, long count, Budget budget) {
        long times = Math.max(0, Math.min(count, Integer.MAX_VALUE));
        if (value instanceof Value.Str text) {
            budget.make(text.text().length() * times);
            return new Value.Str(text.text().isEmpty() ? "" : text.text().repeat((int) times));
        }
        if (value instanceof Seq sequence) {
            budget.makeItems(sequence.items().size() * times);
            var items = new ArrayList<Value>();
            for (int i = 0; i < times && !sequence.items().isEmpty(); i++) {
                items.addAll(sequence.items());
            }
            return new Seq(items, sequence.kind());
        }
        return null;
    }
}
