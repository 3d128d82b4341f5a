package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Type;
import java.util.OptionalLong;

/** Arithmetic of constants; empty where it is left to the program: divisions, and floats that are not a number. */
final class Numbers {
    private Numbers() {
    }

    static OptionalLong compute(Type type, String op, long a, long b) {
        if (op.equals("eqz")) {
            return OptionalLong.of(a == 0 ? 1 : 0);
        }
        return type == Type.I32 ? compute32(op, (int) a, (int) b) : compute64(op, a, b);
    }

    private static OptionalLong of(boolean value) {
        return OptionalLong.of(value ? 1 : 0);
    }

    private static OptionalLong compute32(String op, int a, int b) {
        return switch (op) {
            case "add" -> OptionalLong.of(a + b);
            case "sub" -> OptionalLong.of(a - b);
            case "mul" -> OptionalLong.of(a * b);
            case "and" -> OptionalLong.of(a & b);
            case "or" -> OptionalLong.of(a | b);
            case "xor" -> OptionalLong.of(a ^ b);
            case "shl" -> OptionalLong.of(a << b);
            case "shr_s" -> OptionalLong.of(a >> b);
            case "shr_u" -> OptionalLong.of(a >>> b);
            case "rotl" -> OptionalLong.of(Integer.rotateLeft(a, b));
            case "extend8_s" -> OptionalLong.of((byte) a);
            case "extend16_s" -> OptionalLong.of((short) a);
            case "extend_i32_s" -> OptionalLong.of(a);
            case "extend_i32_u" -> OptionalLong.of(Integer.toUnsignedLong(a));
            case "lt_u" -> of(Integer.compareUnsigned(a, b) < 0);
            case "ge_u" -> of(Integer.compareUnsigned(a, b) >= 0);
            default -> compare(op, a, b);
        };
    }

    private static OptionalLong compute64(String op, long a, long b) {
        return switch (op) {
            case "add" -> OptionalLong.of(a + b);
            case "sub" -> OptionalLong.of(a - b);
            case "mul" -> OptionalLong.of(a * b);
            case "and" -> OptionalLong.of(a & b);
            case "or" -> OptionalLong.of(a | b);
            case "xor" -> OptionalLong.of(a ^ b);
            case "shl" -> OptionalLong.of(a << b);
            case "shr_s" -> OptionalLong.of(a >> b);
            case "shr_u" -> OptionalLong.of(a >>> b);
            case "wrap_i64" -> OptionalLong.of((int) a);
            default -> compare(op, a, b);
        };
    }

    private static OptionalLong compare(String op, long a, long b) {
        return switch (op) {
            case "eq" -> of(a == b);
            case "ne" -> of(a != b);
            case "lt_s" -> of(a < b);
            case "le_s" -> of(a <= b);
            case "gt_s" -> of(a > b);
            case "ge_s" -> of(a >= b);
            default -> OptionalLong.empty();
        };
    }

    /** @param a raw bits, as the result's */
    static OptionalLong computeReal(Type type, String op, long a, long b) {
        if (op.startsWith("reinterpret_i")) {
            return OptionalLong.of(type == Type.I32 ? a & 0xffffffffL : a);
        }
        if (op.equals("convert_i32_s")) {
            return OptionalLong.empty();
        }
        return type == Type.F32 ? compute(op, Float.intBitsToFloat((int) a), Float.intBitsToFloat((int) b)) : OptionalLong.empty();
    }

    private static OptionalLong compute(String op, float a, float b) {
        float result = switch (op) {
            case "add" -> a + b;
            case "sub" -> a - b;
            case "mul" -> a * b;
            case "div" -> a / b;
            case "neg" -> -a;
            default -> Float.NaN;
        };
        return result == result ? OptionalLong.of(Float.floatToRawIntBits(result) & 0xffffffffL) : OptionalLong.empty();
    }
}
