package dev.crema.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value (RFC 8259). Objects keep the order of their members; numbers keep their spelling, so that what is read is
 * written again unchanged. Read with {@link JsonParser}, write with {@link JsonWriter} ({@code toString} is compact JSON).
 */
public sealed interface Json {
    Null NULL = new Null();
    Bool TRUE = new Bool(true);
    Bool FALSE = new Bool(false);

    /** {@code null}. */
    record Null() implements Json {
        @Override
        public String toString() {
            return "null";
        }
    }

    /** {@code true} or {@code false}. */
    record Bool(boolean value) implements Json {
        @Override
        public String toString() {
            return value ? "true" : "false";
        }
    }

    /** A number in its original spelling. */
    record Num(String text) implements Json {
        public double doubleValue() {
            return Double.parseDouble(text);
        }

        /** True for a spelling without fraction and exponent. */
        public boolean isInteger() {
            return text.indexOf('.') < 0 && text.indexOf('e') < 0 && text.indexOf('E') < 0;
        }

        /** The whole number; throws NumberFormatException where {@link #isInteger} is false or 64 bits do not hold it. */
        public long longValue() {
            return Long.parseLong(text);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** A string. */
    record Str(String value) implements Json {
        @Override
        public String toString() {
            return JsonWriter.compact(this);
        }
    }

    /** An array; the list is the value's own. */
    record Arr(List<Json> items) implements Json {
        public Arr() {
            this(new ArrayList<>());
        }

        public Arr add(Json item) {
            items.add(item);
            return this;
        }

        public int size() {
            return items.size();
        }

        public Json get(int index) {
            return items.get(index);
        }

        @Override
        public String toString() {
            return JsonWriter.compact(this);
        }
    }

    /** An object; of members with the same name the last one counts. */
    record Obj(Map<String, Json> members) implements Json {
        public Obj() {
            this(new LinkedHashMap<>());
        }

        /** The member, or null where there is none. */
        public Json get(String name) {
            return members.get(name);
        }

        /** True when the member is there and not {@code null}. */
        public boolean has(String name) {
            Json value = members.get(name);
            return value != null && !(value instanceof Null);
        }

        public Obj put(String name, Json value) {
            members.put(name, value);
            return this;
        }

        public Obj put(String name, String value) {
            return put(name, value == null ? NULL : new Str(value));
        }

        public Obj put(String name, long value) {
            return put(name, of(value));
        }

        public Obj put(String name, double value) {
            return put(name, of(value));
        }

        public Obj put(String name, boolean value) {
            return put(name, of(value));
        }

        @Override
        public String toString() {
            return JsonWriter.compact(this);
        }
    }

    static Json of(String value) {
        return value == null ? NULL : new Str(value);
    }

    static Json of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Json of(long value) {
        return new Num(Long.toString(value));
    }

    /** A number; what JSON can't spell (NaN, infinities) becomes {@code null}. */
    static Json of(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return NULL;
        }
        return new Num(value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) + ".0" : Double.toString(value));
    }

    /** What kind of value this is, in JSON Schema's words: {@code object}, {@code array}, {@code string}, ... */
    default String kind() {
        return switch (this) {
            case Null n -> "null";
            case Bool b -> "boolean";
            case Num n -> "number";
            case Str s -> "string";
            case Arr a -> "array";
            case Obj o -> "object";
        };
    }
}
