package dev.crema.build.lanes.ir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An instruction of Wasm by its name in the text format, or one of our own that a pass lowers to those of a module's features.
 *
 * @param prefix first byte, 0 for those of one byte; -1 for our own
 * @param code the byte, or the number after the prefix
 * @param result null where there is none
 * @param accessBytes bytes read or written at the address, 0 where it is no access
 */
public record Op(String name, int prefix, int code, List<Type> params, Type result, Effect effect, int accessBytes) {
    /** What an instruction does beyond its result, each including the ones before. */
    public enum Effect { PURE, TRAP, READ, WRITE, ALL }

    public static final Op CALL = new Op("call", 0, 0x10, List.of(), null, Effect.ALL, 0);

    private static final Map<String, Op> ALL = new HashMap<>();

    static {
        for (String table : List.of(Instructions.SCALAR, Instructions.VECTOR, Instructions.OWN)) {
            table.lines().filter((String line) -> !line.isBlank()).map(Op::parse).forEach((Op op) -> ALL.put(op.name(), op));
        }
    }

    public static Op of(String name) {
        Op op = ALL.get(name);
        if (op == null) {
            throw new IllegalArgumentException("no instruction " + name);
        }
        return op;
    }

    /** Whether it can be left out, moved and done once instead of twice. */
    public boolean pure() {
        return effect == Effect.PURE;
    }

    public boolean constant() {
        return name.endsWith(".const");
    }

    public boolean is(String other) {
        return name.equals(other);
    }

    /** {@code name code parameters:result [bytes]}; the code is hexadecimal, after its prefix and a dot where it has one. */
    private static Op parse(String line) {
        String[] fields = line.strip().split("\\s+");
        String name = fields[0];
        int dot = fields[1].indexOf('.');
        int prefix = fields[1].equals("own") ? -1 : dot < 0 ? 0 : Integer.parseInt(fields[1].substring(0, dot), 16);
        int code = prefix < 0 ? 0 : Integer.parseInt(fields[1].substring(dot + 1), 16);
        int colon = fields[2].indexOf(':');
        List<Type> params = new ArrayList<>();
        for (char letter : fields[2].substring(0, colon).toCharArray()) {
            params.add(Type.of(letter));
        }
        Type result = fields[2].length() > colon + 1 ? Type.of(fields[2].charAt(colon + 1)) : null;
        int bytes = fields.length > 3 ? Integer.parseInt(fields[3]) : 0;
        return new Op(name, prefix, code, List.copyOf(params), result, effect(name), bytes);
    }

    private static Effect effect(String name) {
        if (name.contains("atomic") || name.startsWith("memory.")) {
            return Effect.ALL;
        }
        if (name.contains(".store")) {
            return Effect.WRITE;
        }
        if (name.contains(".load")) {
            return Effect.READ;
        }
        boolean divides = name.matches("i(32|64)\\.(div|rem)_.*");
        return divides ? Effect.TRAP : Effect.PURE;
    }
}
