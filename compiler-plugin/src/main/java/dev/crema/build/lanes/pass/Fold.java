package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Computes what is constant, and writes sums of addresses so that their constant comes last: {@code (x + 4 + y) << 2} becomes
 * {@code ((x + y) << 2) + 16}. All of it is exact: whole numbers wrap in Java as in Wasm, and floats are computed only where both agree.
 */
final class Fold extends Rewriter {
    private static final Set<String> COMMUTATIVE = Set.of("add", "mul", "and", "or", "xor", "eq", "ne");
    private static final Map<String, String> OPPOSITE = Map.of("eq", "ne", "ne", "eq", "lt_s", "ge_s", "ge_s", "lt_s", "gt_s", "le_s", "le_s", "gt_s",
        "lt_u", "ge_u", "ge_u", "lt_u", "gt_u", "le_u");

    private Fold() {
    }

    static Function apply(Function function) {
        return new Fold().run(function);
    }

    @Override
    Value rewrite(Inst inst) {
        String name = inst.op().name();
        int dot = name.indexOf('.');
        if (inst.op().constant() || !inst.op().pure()) {
            return keep(inst);
        }
        if (name.startsWith("select_")) {
            return select(inst);
        }
        Value folded = switch (name.substring(0, dot)) {
            case "i32", "i64" -> whole(inst, name.substring(dot + 1));
            case "f32", "f64" -> real(inst, name.substring(dot + 1));
            default -> vector(inst);
        };
        return folded != null ? folded : keep(inst);
    }

    private boolean constant(Value value) {
        Inst inst = definition(value);
        return inst != null && inst.imm() instanceof Imm.Bits;
    }

    private long bits(Value value) {
        return ((Imm.Bits) definition(value).imm()).bits();
    }

    private boolean defined(Value value, String op) {
        Inst inst = definition(value);
        return inst != null && inst.op().is(op);
    }

    private Value whole(Inst inst, String op) {
        List<Value> args = inst.args();
        if (args.size() == 1) {
            return unary(inst, op);
        }
        Value a = args.get(0);
        Value b = args.get(1);
        Type type = a.type();
        if (constant(a) && constant(b)) {
            OptionalLong result = Numbers.compute(type, op, bits(a), bits(b));
            return result.isPresent() ? constant(inst.result().type(), result.getAsLong()) : null;
        }
        if (constant(a) && COMMUTATIVE.contains(op)) {
            return rewrite(new Inst(inst.result(), inst.op(), List.of(b, a), inst.imm(), inst.line()));
        }
        return constant(b) ? withConstant(inst, op, a, b, bits(b)) : op.equals("add") ? constantsOutward(a, b, type) : null;
    }

    /** @return null where nothing is known of an operation with the constant c, the value of b */
    private Value withConstant(Inst inst, String op, Value a, Value b, long c) {
        Type type = a.type();
        boolean neutral = switch (op) {
            case "add", "sub", "or", "xor", "shl", "shr_s", "shr_u", "rotl" -> c == 0;
            case "mul", "div_s", "div_u" -> c == 1;
            case "and" -> c == -1;
            default -> false;
        };
        if (neutral) {
            return a;
        }
        if (c == 0 && (op.equals("mul") || op.equals("and"))) {
            return b;
        }
        if (op.equals("ne") && c == 0 && type == Type.I32 && isBoolean(a)) {
            return a;
        }
        if (op.equals("sub")) {
            return again(type, "add", a, constant(type, type == Type.I32 ? -(int) c : -c));
        }
        if (op.equals("add") && defined(a, type + ".add") && constant(definition(a).args().get(1))) {
            Value base = definition(a).args().get(0);
            return again(type, "add", base, constant(type, Numbers.compute(type, "add", bits(definition(a).args().get(1)), c).getAsLong()));
        }
        boolean spreads = op.equals("shl") || op.equals("mul");
        if (spreads && defined(a, type + ".add") && constant(definition(a).args().get(1))) {
            Value scaled = again(type, op, definition(a).args().get(0), b);
            return again(type, "add", scaled, constant(type, Numbers.compute(type, op, bits(definition(a).args().get(1)), c).getAsLong()));
        }
        return null;
    }

    /** {@code (x + c) + y} and {@code x + (y + c)} as {@code (x + y) + c}. */
    private Value constantsOutward(Value a, Value b, Type type) {
        for (Value side : List.of(a, b)) {
            if (defined(side, type + ".add") && constant(definition(side).args().get(1))) {
                Value other = side.equals(a) ? b : a;
                Value x = definition(side).args().get(0);
                Value sum = side.equals(a) ? again(type, "add", x, other) : again(type, "add", other, x);
                return again(type, "add", sum, definition(side).args().get(1));
            }
        }
        return null;
    }

    private Value again(Type type, String op, Value a, Value b) {
        Inst inst = new Inst(fresh(type), Op.of(type + "." + op), List.of(a, b), Imm.NONE, 0);
        return rewrite(inst);
    }

    private boolean isBoolean(Value value) {
        Inst inst = definition(value);
        if (inst == null) {
            return false;
        }
        String name = inst.op().name();
        return name.endsWith("eqz") || name.endsWith("any_true") || name.matches("[if](32|64)\\.(eq|ne|[lg][te](_[su])?)")
            || inst.imm() instanceof Imm.Bits(long bits) && (bits == 0 || bits == 1);
    }

    private Value unary(Inst inst, String op) {
        Value a = inst.args().getFirst();
        if (constant(a)) {
            OptionalLong result = Numbers.compute(a.type(), op, bits(a), 0);
            return result.isPresent() ? constant(inst.result().type(), result.getAsLong()) : null;
        }
        Inst of = definition(a);
        if (of == null) {
            return null;
        }
        String name = of.op().name();
        String inner = name.substring(name.indexOf('.') + 1);
        if (op.equals("eqz") && (name.startsWith("i32.") || name.startsWith("i64."))) {
            if (OPPOSITE.containsKey(inner)) {
                return emit(name.substring(0, 4) + OPPOSITE.get(inner), Imm.NONE, of.args());
            }
            return inner.equals("eqz") && isBoolean(of.args().getFirst()) ? of.args().getFirst() : null;
        }
        if (op.equals("wrap_i64")) {
            return switch (name) {
                case "i64.extend_i32_s", "i64.extend_i32_u" -> of.args().getFirst();
                // A sum of addresses in a 32-bit memory: only its low half counts.
                case "i64.add", "i64.sub", "i64.mul", "i64.and", "i64.or", "i64.xor" -> again(Type.I32, inner, wrap(of.args().get(0)), wrap(of.args().get(1)));
                case "select_i64" -> emit("select_i32", wrap(of.args().get(0)), wrap(of.args().get(1)), of.args().get(2));
                case "i64.shl" -> constant(of.args().get(1)) && bits(of.args().get(1)) < 32
                    ? again(Type.I32, inner, wrap(of.args().get(0)), wrap(of.args().get(1))) : null;
                default -> null;
            };
        }
        return op.equals("reinterpret_f32") && name.equals("f32.reinterpret_i32") ? of.args().getFirst() : null;
    }

    private Value wrap(Value value) {
        return rewrite(new Inst(fresh(Type.I32), Op.of("i32.wrap_i64"), List.of(value), Imm.NONE, 0));
    }

    private Value real(Inst inst, String op) {
        Value a = inst.args().getFirst();
        if (op.equals("demote_f64")) {
            return demote(a);
        }
        if (!inst.args().stream().allMatch(this::constant)) {
            return op.equals("reinterpret_i32") && defined(a, "i32.reinterpret_f32") ? definition(a).args().getFirst() : null;
        }
        OptionalLong result = Numbers.computeReal(a.type(), op, bits(a), inst.args().size() > 1 ? bits(inst.args().get(1)) : 0);
        return result.isPresent() ? constant(inst.result().type(), result.getAsLong()) : null;
    }

    /** {@code (float) Math.sqrt(x)} of a float: rounding twice gives what rounding once does. */
    private Value demote(Value value) {
        Inst inner = definition(value);
        Set<String> exact = Set.of("f64.sqrt", "f64.floor", "f64.ceil", "f64.nearest", "f64.abs");
        if (inner != null && exact.contains(inner.op().name()) && defined(inner.args().getFirst(), "f64.promote_f32")) {
            return emit(inner.op().name().replace("f64", "f32"), definition(inner.args().getFirst()).args().getFirst());
        }
        return inner != null && inner.op().is("f64.promote_f32") ? inner.args().getFirst() : null;
    }

    private Value vector(Inst inst) {
        String name = inst.op().name();
        if (name.contains("extend_high") && definition(inst.args().getFirst()) != null && definition(inst.args().getFirst()).op().name().endsWith("splat")) {
            return emit(name.replace("high", "low"), inst.args().getFirst()); // both halves are the same
        }
        if (!name.endsWith(".splat") || !constant(inst.args().getFirst())) {
            return null;
        }
        int size = name.startsWith("i8") ? 1 : name.startsWith("i16") ? 2 : 4;
        long bits = bits(inst.args().getFirst());
        List<Integer> bytes = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            bytes.add((int) (bits >> 8 * (i % size)) & 0xff);
        }
        return emit("v128.const", new Imm.Bytes(bytes), List.of());
    }

    private Value select(Inst inst) {
        Value yes = inst.args().get(0);
        Value no = inst.args().get(1);
        Value condition = inst.args().get(2);
        if (yes.equals(no)) {
            return yes;
        }
        if (constant(condition)) {
            return bits(condition) != 0 ? yes : no;
        }
        if (yes.type() == Type.I32 && constant(yes) && constant(no) && isBoolean(condition)) {
            if (bits(yes) == 1 && bits(no) == 0) {
                return condition;
            }
            if (bits(yes) == 0 && bits(no) == 1) {
                return rewrite(new Inst(fresh(Type.I32), Op.of("i32.eqz"), List.of(condition), Imm.NONE, inst.line()));
            }
        }
        if (defined(condition, "i32.eqz")) {
            return emit(inst.op().name(), Imm.NONE, List.of(no, yes, definition(condition).args().getFirst()));
        }
        return keep(inst);
    }

    @Override
    End end(End end) {
        if (!(end instanceof End.Branch(Value condition, End.Target yes, End.Target no))) {
            return end;
        }
        if (constant(condition)) {
            return new End.Jump(bits(condition) != 0 ? yes : no);
        }
        return defined(condition, "i32.eqz") ? end(new End.Branch(definition(condition).args().getFirst(), no, yes)) : end;
    }
}
