package dev.crema.chat.jinja;

import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a Jinja expression evaluates to: Python's values, as far as templates see them. Nothing changes after it is made but a namespace. */
sealed interface Value {
    None NONE = new None();
    Bool TRUE = new Bool(true);
    Bool FALSE = new Bool(false);

    /** The value of a name or member that is not there; {@code what} says which, for the error when it is used. */
    record Undefined(String what) implements Value { }

    record None() implements Value { }

    record Bool(boolean value) implements Value { }

    record Int(long value) implements Value { }

    /** A float. {@code spelling} is kept for integers that 64 bits do not hold, else null. */
    record Float(double value, String spelling) implements Value {
        Float(double value) {
            this(value, null);
        }
    }

    record Str(String text) implements Value { }

    /** A list, tuple, or what Python makes lazily; the last is always true and prints as a list here. */
    record Seq(List<Value> items, Kind kind) implements Value {
        enum Kind { LIST, TUPLE, LAZY }

        static Seq list(List<Value> items) {
            return new Seq(items, Kind.LIST);
        }

        static Seq tuple(Value... items) {
            return new Seq(List.of(items), Kind.TUPLE);
        }

        static Seq lazy(List<Value> items) {
            return new Seq(items, Kind.LAZY);
        }
    }

    /** A dict; keys are strings, numbers, booleans or none. */
    record Dict(Map<Value, Value> entries) implements Value {
        Value get(String key) {
            return entries.get(new Str(key));
        }
    }

    /** What {@code namespace()} makes: the one thing whose attributes {@code set} may change. */
    record Namespace(Map<String, Value> attributes) implements Value { }

    /** A macro, method or global function. */
    record Function(String name, Body body) implements Value {
        interface Body {
            Value call(Arguments arguments);
        }
    }

    /** The variable {@code loop} of a for statement. */
    record Loop(LoopState state) implements Value { }

    static Value of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Value of(long value) {
        return new Int(value);
    }

    static Value of(String text) {
        return new Str(text);
    }

    /** The same value as Python's {@code json.loads} gives. */
    static Value of(Json json) {
        return switch (json) {
            case Json.Null n -> NONE;
            case Json.Bool b -> of(b.value());
            case Json.Num n -> number(n);
            case Json.Str s -> new Str(s.value());
            case Json.Arr a -> {
                var items = new ArrayList<Value>(a.size());
                for (Json item : a.items()) {
                    items.add(of(item));
                }
                yield Seq.list(items);
            }
            case Json.Obj o -> {
                var entries = new LinkedHashMap<Value, Value>();
                for (Map.Entry<String, Json> member : o.members().entrySet()) {
                    entries.put(new Str(member.getKey()), of(member.getValue()));
                }
                yield new Dict(entries);
            }
        };
    }

    private static Value number(Json.Num number) {
        if (!number.isInteger()) {
            return new Float(number.doubleValue());
        }
        int digits = number.text().length();
        return digits < 19 ? new Int(number.longValue()) : new Float(number.doubleValue(), number.text());
    }

    /** Python's name of the type, for error messages. */
    default String typeName() {
        return switch (this) {
            case Undefined u -> "undefined";
            case None n -> "NoneType";
            case Bool b -> "bool";
            case Int i -> "int";
            case Float f -> f.spelling() == null ? "float" : "int";
            case Str s -> "str";
            case Seq s -> s.kind() == Seq.Kind.TUPLE ? "tuple" : "list";
            case Dict d -> "dict";
            case Namespace n -> "Namespace";
            case Function f -> "function";
            case Loop l -> "LoopContext";
        };
    }
}
