package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Writes our own instructions with those of the module's features, and gives addresses the width of the module's memory. */
final class Lower extends Rewriter {
    private final boolean relaxed;
    private final boolean wide;

    private Lower(boolean relaxed, boolean wide) {
        this.relaxed = relaxed;
        this.wide = wide;
    }

    static Function apply(Function function, boolean relaxed, boolean wide) {
        return new Lower(relaxed, wide).run(function);
    }

    @Override
    Value rewrite(Inst inst) {
        List<Value> args = inst.args();
        return switch (inst.op().name()) {
            case "f32x4.fma" -> relaxed ? emit("f32x4.relaxed_madd", Imm.NONE, args) : emit("f32x4.add", emit("f32x4.mul", args.get(0), args.get(1)), args.get(2));
            case "i8x16.lookup" -> emit(relaxed ? "i8x16.relaxed_swizzle" : "i8x16.swizzle", Imm.NONE, args);
            case "i16x8.dot7_pairs" -> relaxed ? emit("i16x8.relaxed_dot_i8x16_i7x16_s", Imm.NONE, args)
                : emit("i16x8.narrow_i32x4_s", dot("low", args), dot("high", args));
            case "i32x4.dot7", "i32x4.dot7_any" -> relaxed ? emit("i32x4.relaxed_dot_i8x16_i7x16_add_s", Imm.NONE, args)
                : emit("i32x4.add", inst.op().is("i32x4.dot7") ? fours(args) : pairs(args), args.get(2));
            case "i8x16.shl", "i8x16.shr_u" -> shift(inst);
            default -> keep(addresses(inst));
        };
    }

    /**
     * By a constant: a shift of 16 bits and a mask, which leaves loops. x64 has no shift of bytes, and V8 would do the same with a mask made anew
     * each time.
     */
    private Value shift(Inst inst) {
        Inst count = definition(inst.args().get(1));
        if (count == null || !(count.imm() instanceof Imm.Bits(long bits))) {
            return keep(inst);
        }
        int by = (int) bits & 7;
        boolean left = inst.op().is("i8x16.shl");
        Value moved = emit(left ? "i16x8.shl" : "i16x8.shr_u", inst.args().get(0), constant(Type.I32, by));
        int kept = left ? 0xff << by & 0xff : 0xff >> by;
        return emit("v128.and", moved, emit("v128.const", new Imm.Bytes(Collections.nCopies(16, kept)), List.of()));
    }

    /** Sums of products of four neighbours: pairs, then the even and the odd ones. */
    private Value fours(List<Value> args) {
        Value low = dot("low", args);
        Value high = dot("high", args);
        return emit("i32x4.add", every(low, high, 0), every(low, high, 1));
    }

    /** As many sums as lanes, in an order of its own. */
    private Value pairs(List<Value> args) {
        return emit("i32x4.add", dot("low", args), dot("high", args));
    }

    private Value dot(String half, List<Value> args) {
        String extend = "i16x8.extend_" + half + "_i8x16_s";
        return emit("i32x4.dot_i16x8_s", emit(extend, args.get(0)), emit(extend, args.get(1)));
    }

    private Value every(Value a, Value b, int first) {
        List<Integer> bytes = new ArrayList<>();
        for (int lane = first; lane < 8; lane += 2) {
            for (int k = 0; k < 4; k++) {
                bytes.add(4 * lane + k);
            }
        }
        return emit("i8x16.shuffle", new Imm.Bytes(bytes), List.of(a, b));
    }

    private Inst addresses(Inst inst) {
        String name = inst.op().name();
        List<Integer> positions = name.equals("memory.copy") ? List.of(0, 1, 2) : name.equals("memory.fill") ? List.of(0, 2)
            : inst.op().accessBytes() > 0 ? List.of(0) : List.of();
        List<Value> args = new ArrayList<>(inst.args());
        for (int position : positions) {
            Value address = args.get(position);
            if (wide && address.type() == Type.I32) {
                args.set(position, emit("i64.extend_i32_u", address));
            } else if (!wide && address.type() == Type.I64) {
                args.set(position, emit("i32.wrap_i64", address));
            }
        }
        return new Inst(inst.result(), inst.op(), args, inst.imm(), inst.line());
    }
}
