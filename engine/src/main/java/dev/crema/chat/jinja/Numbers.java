package dev.crema.chat.jinja;

/** Conversions to numbers, and decimals. */
final class Numbers {
    private Numbers() { }

    /** A number with a fixed count of decimals. Doubles only: exact decimals are not worth their code in the browser bundle. */
    static String fixed(double value, int decimals) {
        double scaled = Math.rint(Math.abs(value) * Math.pow(10, decimals));
        if (!(scaled < 1L << 53)) {
            return PythonText.real(new Value.Float(value));
        }
        String digits = Long.toString((long) scaled);
        String padded = "0".repeat(Math.max(0, decimals + 1 - digits.length())) + digits;
        int point = padded.length() - decimals;
        return (value < 0 ? "-" : "") + padded.substring(0, point) + (decimals == 0 ? "" : "." + padded.substring(point));
    }

    /** The filter {@code round}: always a float; {@code method} is common, ceil or floor. */
    static Value round(Value value, Arguments arguments) {
        Value[] given = arguments.bind("precision", "method");
        long precision = arguments.integer(given[0], "precision", 0);
        double factor = Math.pow(10, Math.max(-300, Math.min(300, precision)));
        double scaled = Operators.real(number(value)) * factor;
        double rounded = switch (arguments.string(given[1], "method", "common")) {
            case "common" -> Math.rint(scaled);
            case "ceil" -> Math.ceil(scaled);
            case "floor" -> Math.floor(scaled);
            default -> throw new JinjaError("round(): 'method' must be common, ceil or floor");
        };
        return new Value.Float(Double.isInfinite(scaled) ? Operators.real(value) : rounded / factor);
    }

    static Value abs(Value value) {
        number(value);
        return Operators.real(value) < 0 ? Arithmetic.negate(value) : value instanceof Value.Bool ? Value.of(Operators.whole(value)) : value;
    }

    static Value number(Value value) {
        if (!Operators.isNumber(Operators.defined(value))) {
            throw new JinjaError("expected a number, found a " + value.typeName());
        }
        return value;
    }

    /** The filter {@code int}: the default (0) for what is no number. */
    static Value toInt(Value value, Arguments arguments) {
        Value[] given = arguments.bind("default", "base");
        Value otherwise = given[0] == null ? Value.of(0) : given[0];
        long base = arguments.integer(given[1], "base", 10);
        if (value instanceof Value.Str text && base >= 2 && base <= 36) {
            try {
                return Value.of(Long.parseLong(StringMethods.strip(text.text(), null, true, true).replace("_", ""), (int) base));
            } catch (NumberFormatException notWhole) {
                Value real = toFloat(value, Value.NONE);
                return real instanceof Value.None ? otherwise : truncated(Operators.real(real), otherwise);
            }
        }
        return Operators.isWhole(value) ? Value.of(Operators.whole(value))
            : value instanceof Value.Float number ? truncated(number.value(), otherwise) : otherwise;
    }

    private static Value truncated(double value, Value otherwise) {
        return Math.abs(value) < 9.2e18 ? Value.of((long) value) : otherwise;
    }

    static Value toFloat(Value value, Value otherwise) {
        if (Operators.isNumber(value)) {
            return new Value.Float(Operators.real(value));
        }
        if (value instanceof Value.Str text) {
            String number = StringMethods.strip(text.text(), null, true, true);
            char last = number.isEmpty() ? 'f' : number.charAt(number.length() - 1);
            try {
                // Java takes a type letter at the end, Python does not.
                return Character.isLetter(last) ? otherwise : new Value.Float(Double.parseDouble(number));
            } catch (NumberFormatException notReal) {
                return otherwise;
            }
        }
        return otherwise;
    }
}
