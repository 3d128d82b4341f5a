package dev.crema.grammar;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

import java.math.BigDecimal;

/** A schema that is an object, with its place for messages: keywords are read with the type that they must have. */
record SchemaNode(Json.Obj object, String path) {
    /** More digits before the point than any number that a model writes on purpose. */
    private static final int MAX_DIGITS = 30;

    boolean has(String keyword) {
        return object.members().containsKey(keyword);
    }

    Json get(String keyword) {
        return object.get(keyword);
    }

    String string(String keyword) {
        return switch (get(keyword)) {
            case null -> null;
            case Json.Str text -> text.value();
            case Json other -> throw wrong(keyword, "a string", other);
        };
    }

    Json.Arr array(String keyword) {
        return switch (get(keyword)) {
            case null -> null;
            case Json.Arr array -> array;
            case Json other -> throw wrong(keyword, "an array", other);
        };
    }

    Json.Obj map(String keyword) {
        return switch (get(keyword)) {
            case null -> null;
            case Json.Obj map -> map;
            case Json other -> throw wrong(keyword, "an object", other);
        };
    }

    /** A count, or {@code otherwise} where it is absent. */
    int count(String keyword, int otherwise) {
        BigDecimal number = number(keyword);
        if (number == null) {
            return otherwise;
        }
        if (number.signum() < 0 || number.compareTo(BigDecimal.valueOf(number.longValue())) != 0) {
            throw wrong(keyword, "a whole number of at least 0", get(keyword));
        }
        if (number.compareTo(BigDecimal.valueOf(Bounds.REPETITION)) > 0) {
            throw error(keyword, "is " + number.longValue() + ", " + Bounds.REPETITION + " is the most that is supported");
        }
        return number.intValue();
    }

    BigDecimal number(String keyword) {
        return switch (get(keyword)) {
            case null -> null;
            case Json.Num number -> {
                if (number.text().length() > 2 * MAX_DIGITS) {
                    throw error(keyword, "has too many digits");
                }
                var value = new BigDecimal(number.text());
                if (value.signum() != 0 && (value.precision() - value.scale() > MAX_DIGITS || value.scale() > MAX_DIGITS)) {
                    throw error(keyword, "is " + number.text() + ", which is too large or too fine");
                }
                yield value.signum() == 0 ? BigDecimal.ZERO : value;
            }
            case Json other -> throw wrong(keyword, "a number", other);
        };
    }

    CremaException wrong(String keyword, String expected, Json found) {
        return error(keyword, "must be " + expected + ", found " + found.kind());
    }

    CremaException error(String keyword, String what) {
        return new CremaException(ErrorCode.INVALID_REQUEST, "The JSON Schema is wrong: '" + keyword + "' at '" + path + "' " + what + ".", "");
    }

    CremaException unsupported(String keyword, String why) {
        return new CremaException(ErrorCode.UNSUPPORTED_PARAMETER, "The JSON Schema keyword '" + keyword + "' at '" + path + "' is not supported"
            + why + ".", "Remove it, and describe it in a message or in 'description'.");
    }

    SchemaNode without(String... keywords) {
        var rest = new Json.Obj();
        rest.members().putAll(object.members());
        for (String keyword : keywords) {
            rest.members().remove(keyword);
        }
        return new SchemaNode(rest, path);
    }
}
