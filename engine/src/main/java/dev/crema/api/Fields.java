package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Reads the fields of a request object, each with its type and bounds. {@code null} counts as absent. Errors are INVALID_REQUEST and name the
 * field as OpenAI does ({@code messages[0].role}), what was expected, and what was found.
 *
 * @param path of the object with a dot behind it; empty for the request itself
 */
record Fields(Json.Obj object, String path) {
    /** Longer values are cut in messages. */
    private static final int MAX_SHOWN = 40;

    Fields(Json.Obj object) {
        this(object, "");
    }

    boolean has(String name) {
        return object.has(name);
    }

    /** The field, or null where it is absent or {@code null}. */
    Json get(String name) {
        return object.has(name) ? object.get(name) : null;
    }

    String string(String name, String otherwise) {
        return switch (get(name)) {
            case null -> otherwise;
            case Json.Str text -> text.value();
            case Json other -> throw wrong(path + name, "a string", other);
        };
    }

    String requiredString(String name) {
        if (!has(name)) {
            throw missing(name, "a string");
        }
        return string(name, null);
    }

    /** A required string that is one of a few. */
    String oneOf(String name, String... values) {
        String found = requiredString(name);
        if (!List.of(values).contains(found)) {
            var expected = new StringBuilder();
            for (int i = 0; i < values.length; i++) {
                expected.append(i == 0 ? "'" : i == values.length - 1 ? " or '" : ", '").append(values[i]).append('\'');
            }
            throw wrong(path + name, expected.toString(), new Json.Str(found));
        }
        return found;
    }

    boolean flag(String name, boolean otherwise) {
        return switch (get(name)) {
            case null -> otherwise;
            case Json.Bool flag -> flag.value();
            case Json other -> throw wrong(path + name, "true or false", other);
        };
    }

    double number(String name, double least, double most, double otherwise) {
        return has(name) ? number(path + name, get(name), least, most) : otherwise;
    }

    static double number(String param, Json value, double least, double most) {
        String expected = "a number from " + plain(least) + " to " + plain(most);
        if (!(value instanceof Json.Num number) || !(number.doubleValue() >= least && number.doubleValue() <= most)) {
            throw wrong(param, expected, value);
        }
        return number.doubleValue();
    }

    long integer(String name, long least, long most, long otherwise) {
        return has(name) ? integer(path + name, get(name), least, most) : otherwise;
    }

    static long integer(String param, Json value, long least, long most) {
        boolean bounded = most < Integer.MAX_VALUE;
        String expected = least == Long.MIN_VALUE ? "an integer of 64 bits"
            : bounded ? "an integer from " + least + " to " + most : "an integer of at least " + least;
        if (value instanceof Json.Num number && number.isInteger() && number.text().length() <= 20) {
            try {
                long parsed = number.longValue();
                if (parsed >= least && parsed <= most) {
                    return parsed;
                }
            } catch (NumberFormatException tooLarge) {
                throw wrong(param, expected, value);
            }
        }
        throw wrong(param, expected, value);
    }

    /** The array, or null where it is absent. */
    Json.Arr array(String name) {
        return switch (get(name)) {
            case null -> null;
            case Json.Arr array -> array;
            case Json other -> throw wrong(path + name, "an array", other);
        };
    }

    /** The fields of a member that is an object, or null where it is absent. */
    Fields object(String name) {
        return switch (get(name)) {
            case null -> null;
            case Json.Obj found -> new Fields(found, path + name + ".");
            case Json other -> throw wrong(path + name, "an object", other);
        };
    }

    /** The fields of an element, which must be an object. */
    static Fields element(Json.Arr array, int index, String param) {
        String place = param + "[" + index + "]";
        if (array.get(index) instanceof Json.Obj object) {
            return new Fields(object, place + ".");
        }
        throw wrong(place, "an object", array.get(index));
    }

    /** Refuses fields in neither set; {@code null} is as good as absent. Those of {@code harmless} change nothing and are ignored. */
    void allowOnly(Set<String> known, Set<String> harmless) {
        for (String name : object.members().keySet()) {
            if (has(name) && !known.contains(name) && !harmless.contains(name)) {
                String meant = Spelling.nearest(name, known);
                var names = new ArrayList<>(known);
                names.sort(null);
                throw unsupported(path + name, "There is no field '" + path + name + "'.", meant != null ? "Did you mean '" + path + meant + "'?"
                    : names.isEmpty() ? "Remove it." : "Remove it. Known here: " + String.join(", ", names) + ".");
            }
        }
    }

    CremaException missing(String name, String expected) {
        return invalid(path + name, "'" + path + name + "' is missing; expected " + expected + ".");
    }

    static CremaException wrong(String param, String expected, Json found) {
        return invalid(param, "'" + param + "' must be " + expected + ", found " + shown(found) + ".");
    }

    static CremaException invalid(String param, String message) {
        return CremaException.ofParam(ErrorCode.INVALID_REQUEST, param, message, "");
    }

    static CremaException unsupported(String param, String message, String hint) {
        return CremaException.ofParam(ErrorCode.UNSUPPORTED_PARAMETER, param, message, hint);
    }

    private static String shown(Json value) {
        return switch (value) {
            case Json.Null n -> "null";
            case Json.Bool b -> b.toString();
            case Json.Num n -> "the number " + cut(n.text());
            case Json.Str s -> "the string " + Json.of(cut(s.value()));
            case Json.Arr a -> "an array of " + a.size();
            case Json.Obj o -> "an object";
        };
    }

    private static String cut(String text) {
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
