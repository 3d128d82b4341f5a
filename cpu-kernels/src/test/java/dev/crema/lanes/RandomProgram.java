package dev.crema.lanes;

import java.util.Random;

/**
 * Java text of methods that end, of all the statements that kernels may have: {@code int name(int a, int b)} with int, long and float
 * locals, and a memory of which only the bytes from 0 to 255 are used.
 */
final class RandomProgram {
    private final Random random;
    private final StringBuilder out = new StringBuilder();
    private int loops;
    private int depth;

    RandomProgram(long seed) {
        random = new Random(seed);
    }

    /** A class of so many kernels m0, m1 ... */
    static String source(String name, long seed, int methods) {
        RandomProgram program = new RandomProgram(seed);
        program.out.append("package dev.crema.lanes;\nfinal class ").append(name).append(" {\n");
        for (int i = 0; i < methods; i++) {
            program.method("m" + i);
        }
        program.out.append("    static int helper(int x, int y) { if (x > y) { return x - y; } return x == 3 ? y : y + x * 3; }\n");
        program.out.append("    static boolean test(int x, int y) { return x > 4 || y < x && (x & 1) == 0; }\n}\n");
        return program.out.toString();
    }

    private void method(String name) {
        out.append("    @Kernel static int ").append(name).append("(int a, int b) {\n");
        out.append("        int c = a ^ b; int d = 5; long u = a; long v = b * 3L; float x = a & 255; float y = 1.5f;\n");
        out.append("        I32x4 p = I32x4.splat(a); I32x4 q = I32x4.loadSplat(64);\n");
        loops = 0;
        block(4);
        out.append("        return c + d + (int) u + (int) (v >> 7) + (int) (x + y) + p.sum() + q.extractLane(2);\n    }\n");
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void block(int statements) {
        depth++;
        for (int i = random.nextInt(statements) + 1; i > 0; i--) {
            statement();
        }
        depth--;
    }

    private void statement() {
        int choice = random.nextInt(depth > 4 ? 7 : 14);
        switch (choice) {
            case 0, 1, 2 -> out.append(pick("a", "b", "c", "d")).append(pick(" = ", " += ", " -= ", " ^= ")).append(whole(3)).append(";\n");
            case 3 -> out.append(pick("u", "v")).append(pick(" = ", " += ")).append(large(2)).append(";\n");
            case 4 -> out.append(pick("x", "y")).append(pick(" = ", " += ")).append(real(2)).append(";\n");
            case 5 -> out.append(pick("p", "q")).append(" = ").append(vector(2)).append(";\n");
            case 6 -> store();
            case 7, 8 -> conditional();
            case 9, 10, 11 -> loop();
            case 12 -> choose();
            default -> out.append("if (").append(condition(1)).append(") { ").append(random.nextInt(6) == 0 ? "return " + whole(1) + ";" : "c++;").append(" }\n");
        }
    }

    private void store() {
        out.append(switch (random.nextInt(4)) {
            case 0 -> "Memory.storeI32(" + address() + ", " + whole(2) + ");\n";
            case 1 -> "Memory.storeI8(" + address() + ", " + whole(1) + ");\n";
            case 2 -> "Memory.storeI64(" + address() + ", " + large(1) + ");\n";
            default -> vector(1) + ".store(" + address() + ");\n";
        });
    }

    private String address() {
        String base = "(" + pick("a", "b", "c", "d") + " & 127)";
        return base + pick("", " + 4", " + 8", " + 96", " + 4L");
    }

    private void conditional() {
        out.append("if (").append(condition(2)).append(") {\n");
        block(3);
        if (random.nextBoolean()) {
            out.append("} else {\n");
            block(3);
        }
        out.append("}\n");
    }

    /** Bounded, whatever the body does to the other locals. */
    private void loop() {
        String counter = "i" + loops++;
        String leave = random.nextInt(3) == 0 ? "if (" + condition(1) + ") " + pick("break", "continue") + ";\n" : "";
        int bound = random.nextInt(5) + 1;
        boolean until = random.nextInt(3) == 0;
        if (until) {
            out.append("int ").append(counter).append(" = 0; do {\n").append(counter).append("++;\n").append(leave);
        } else {
            out.append("for (int ").append(counter).append(" = 0; ").append(counter).append(" < ").append(bound)
                .append(random.nextBoolean() ? " && " + condition(1) : "").append("; ").append(counter).append("++) {\n").append(leave);
        }
        out.append(pick("a", "d")).append(" += ").append(counter).append(";\n");
        block(3);
        out.append(until ? "} while (" + counter + " < " + bound + ");\n" : "}\n");
    }

    private void choose() {
        out.append("switch (").append(whole(1)).append(" & 3) {\ncase 0:\n");
        block(2);
        out.append(pick("break;\n", "")).append("case 2:\n");
        block(2);
        out.append("break;\ndefault:\n");
        block(2);
        out.append("}\n");
    }

    private String condition(int deep) {
        if (deep > 0 && random.nextInt(3) == 0) {
            return "(" + condition(deep - 1) + pick(" && ", " || ") + condition(deep - 1) + ")";
        }
        return switch (random.nextInt(6)) {
            case 0 -> large(1) + pick(" < ", " >= ", " == ") + large(1);
            case 1 -> "!(" + real(1) + pick(" < ", " > ", " <= ", " != ") + real(1) + ")";
            case 2 -> "test(" + whole(1) + ", " + whole(1) + ")";
            case 3 -> "p.eq(q).anyTrue()";
            default -> whole(1) + pick(" < ", " > ", " <= ", " >= ", " == ", " != ") + whole(1);
        };
    }

    private String whole(int deep) {
        if (deep == 0 || random.nextInt(4) == 0) {
            return pick("a", "b", "c", "d", "1", "-7", "100", "0", "4");
        }
        return switch (random.nextInt(12)) {
            case 0 -> "(" + condition(1) + " ? " + whole(deep - 1) + " : " + whole(deep - 1) + ")";
            case 1 -> "Math." + pick("min", "max") + "(" + whole(deep - 1) + ", " + whole(deep - 1) + ")";
            case 2 -> "helper(" + whole(deep - 1) + ", " + whole(deep - 1) + ")";
            case 3 -> "Memory." + pick("loadI32", "loadU8", "loadI16") + "(" + address() + ")";
            case 4 -> "(int) " + large(deep - 1);
            case 5 -> "(" + whole(deep - 1) + pick(" / ", " % ") + pick("3", "-1", "(d | 1)") + ")";
            case 6 -> "(" + whole(deep - 1) + pick(" << ", " >> ", " >>> ") + pick("2", "5", "c") + ")";
            case 7 -> pick("p", "q") + ".extractLane(" + random.nextInt(4) + ")";
            case 8 -> "(" + pick("byte", "short", "char") + ") " + whole(0);
            default -> "(" + whole(deep - 1) + pick(" + ", " - ", " * ", " & ", " | ", " ^ ") + whole(deep - 1) + ")";
        };
    }

    private String large(int deep) {
        if (deep == 0 || random.nextInt(3) == 0) {
            return pick("u", "v", "3L", "-1L", "a");
        }
        return random.nextInt(5) == 0 ? "(" + large(deep - 1) + pick(" >> ", " << ", " >>> ") + pick("3", "d") + ")"
            : "(" + large(deep - 1) + pick(" + ", " - ", " * ", " ^ ") + pick("u", "v", "7L") + ")";
    }

    private String real(int deep) {
        if (deep == 0 || random.nextInt(3) == 0) {
            return pick("x", "y", "2f", "0.5f", "(a & 1023)");
        }
        return random.nextInt(4) == 0 ? "Math." + pick("min", "max") + "(" + real(deep - 1) + ", y)"
            : "(" + pick("x", "y", "1f") + pick(" + ", " - ", " * ", " / ") + real(deep - 1) + ")";
    }

    private String vector(int deep) {
        if (deep == 0 || random.nextInt(3) == 0) {
            return pick("p", "q", "I32x4.splat(c)", "I32x4.load(" + address() + ")", "I32x4.zero()", "I32x4.splat(9)");
        }
        return switch (random.nextInt(4)) {
            case 0 -> vector(deep - 1) + ".shl(" + pick("3", "d") + ")";
            case 1 -> "I32x4.select(p.gt(q), " + vector(deep - 1) + ", " + vector(deep - 1) + ")";
            default -> vector(deep - 1) + pick(".add", ".mul", ".xor", ".max") + "(" + vector(deep - 1) + ")";
        };
    }
}
