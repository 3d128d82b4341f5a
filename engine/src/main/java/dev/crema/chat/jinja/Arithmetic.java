package dev.crema.chat.jinja;

/** Python's arithmetic on numbers: {@code /} makes floats, {@code //} and {@code %} round down, integers of 64 bits do not wrap. */
final class Arithmetic {
    private Arithmetic() { }

    static Value binary(String operator, Value a, Value b) {
        boolean whole = Operators.isWhole(a) && Operators.isWhole(b);
        if (isDivision(operator) && Operators.real(b) == 0) {
            throw new JinjaError("division by zero");
        }
        if (!whole || operator.equals("/")) {
            return real(operator, Operators.real(a), Operators.real(b));
        }
        return whole(operator, Operators.whole(a), Operators.whole(b));
    }

    private static boolean isDivision(String operator) {
        return operator.equals("/") || operator.equals("//") || operator.equals("%");
    }

    private static Value real(String operator, double a, double b) {
        return new Value.Float(switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - Math.floor(a / b) * b;
            default -> Math.pow(a, b);
        });
    }

    private static Value whole(String operator, long a, long b) {
        return switch (operator) {
            case "+" -> checked(a + b, ((a ^ (a + b)) & (b ^ (a + b))) < 0);
            case "-" -> checked(a - b, ((a ^ b) & (a ^ (a - b))) < 0);
            case "*" -> Value.of(product(a, b));
            case "//" -> checked(Math.floorDiv(a, b), a == Long.MIN_VALUE && b == -1);
            case "%" -> Value.of(b == -1 ? 0 : Math.floorMod(a, b));
            default -> power(a, b);
        };
    }

    private static Value checked(long result, boolean overflow) {
        if (overflow) {
            throw tooLarge();
        }
        return Value.of(result);
    }

    private static JinjaError tooLarge() {
        return new JinjaError("the result is too large for 64 bits");
    }

    private static long product(long a, long b) {
        double estimate = (double) a * b;
        if (estimate >= 9.2e18 || estimate <= -9.2e18) {
            throw tooLarge();
        }
        return a * b;
    }

    private static Value power(long base, long exponent) {
        if (exponent < 0) {
            if (base == 0) {
                throw new JinjaError("division by zero");
            }
            return new Value.Float(Math.pow(base, exponent));
        }
        if (base == 0 || base == 1 || base == -1) {
            return Value.of(exponent == 0 ? 1 : base == -1 && exponent % 2 == 0 ? 1 : base);
        }
        if (exponent > 63) {
            throw tooLarge();
        }
        long result = 1;
        for (long i = 0; i < exponent; i++) {
            result = product(result, base);
        }
        return Value.of(result);
    }

    static Value negate(Value value) {
        return value instanceof Value.Float number ? new Value.Float(-number.value()) : whole("-", 0, Operators.whole(value));
    }
}
