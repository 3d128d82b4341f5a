package dev.crema.chat.jinja;

import dev.crema.chat.jinja.Value.Seq;

import java.util.ArrayList;
import java.util.List;

/** {@code a.b}, {@code a[b]} and {@code a[b:c:d]}. */
final class Members {
    private Members() { }

    /** {@code object.name}: a method or attribute first, then an entry of that name, as jinja2 looks them up. */
    static Value attribute(Value object, String name) {
        Value own = own(Operators.defined(object), name);
        if (own != null) {
            return own;
        }
        Value entry = object instanceof Value.Dict dict ? dict.get(name) : null;
        return entry != null ? entry : missing(object, name);
    }

    /** {@code object[key]}: an entry first, then an attribute of that name. */
    static Value item(Value object, Value key, Budget budget) {
        Value found = switch (Operators.defined(object)) {
            case Value.Dict dict when Operators.isKey(key) -> dict.entries().get(key);
            case Seq sequence when Operators.isWhole(key) -> at(sequence.items(), Operators.whole(key));
            case Value.Str text when Operators.isWhole(key) -> character(text.text(), Operators.whole(key), budget);
            default -> null;
        };
        if (found == null && key instanceof Value.Str name) {
            found = own(object, name.text());
        }
        return found != null ? found : missing(object, key instanceof Value.Str name ? name.text() : PythonText.repr(key));
    }

    private static Value missing(Value object, String name) {
        return new Value.Undefined("a " + object.typeName() + " has no '" + (name.length() > 60 ? name.substring(0, 60) + "..." : name) + "'");
    }

    private static Value own(Value object, String name) {
        return switch (object) {
            case Value.Str text -> StringMethods.find(text.text(), name);
            case Value.Dict dict -> ContainerMethods.find(dict, name);
            case Seq sequence -> ContainerMethods.find(sequence, name);
            case Value.Namespace namespace -> namespace.attributes().get(name);
            case Value.Loop loop -> loop.state().attribute(name);
            default -> null;
        };
    }

    private static Value at(List<Value> items, long index) {
        long place = index < 0 ? index + items.size() : index;
        return place >= 0 && place < items.size() ? items.get((int) place) : null;
    }

    private static Value character(String text, long index, Budget budget) {
        budget.read(text.length());
        int count = text.codePointCount(0, text.length());
        long place = index < 0 ? index + count : index;
        if (place < 0 || place >= count) {
            return null;
        }
        int start = text.offsetByCodePoints(0, (int) place);
        return Value.of(text.substring(start, text.offsetByCodePoints(start, 1)));
    }

    /** A part of a string or list with Python's rules for bounds that are negative, missing or too large. */
    static Value slice(Value object, Value start, Value stop, Value step, Budget budget) {
        long stride = step instanceof Value.None ? 1 : index(step);
        if (stride == 0) {
            throw new JinjaError("the step of a slice can't be 0");
        }
        switch (Operators.defined(object)) {
            case Value.Str text -> {
                List<Value> characters = Sequences.characters(text.text(), budget);
                var out = new StringBuilder();
                for (Value character : pick(characters, start, stop, stride)) {
                    out.append(((Value.Str) character).text());
                }
                return Value.of(out.toString());
            }
            case Seq sequence -> {
                budget.makeItems(sequence.items().size());
                return new Seq(pick(sequence.items(), start, stop, stride), sequence.kind());
            }
            default -> {
                return missing(object, "slice");
            }
        }
    }

    private static List<Value> pick(List<Value> items, Value start, Value stop, long step) {
        int size = items.size();
        boolean forward = step > 0;
        long from = bound(start, forward ? 0 : size - 1, forward, size);
        long to = bound(stop, forward ? size : -1, forward, size);
        var picked = new ArrayList<Value>();
        for (long i = from; forward ? i < to : i > to; i += Math.max(-size - 1, Math.min(size + 1, step))) {
            picked.add(items.get((int) i));
        }
        return picked;
    }

    private static long bound(Value value, long otherwise, boolean forward, int size) {
        if (value instanceof Value.None) {
            return otherwise;
        }
        long index = index(value);
        long place = index < 0 ? index + size : index;
        return forward ? Math.max(0, Math.min(size, place)) : Math.max(-1, Math.min(size - 1, place));
    }

    private static long index(Value value) {
        if (!Operators.isWhole(Operators.defined(value))) {
            throw new JinjaError("the bounds of a slice must be integers, not " + value.typeName());
        }
        return Operators.whole(value);
    }
}
