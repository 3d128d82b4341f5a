package dev.crema.build.lanes.ir;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the instructions of one block after another. */
public final class Emitter {
    private final List<Inst> body = new ArrayList<>();
    private final Map<Integer, Integer> constants = new HashMap<>();
    private int nextValue;
    private int line;

    public Emitter(int nextValue) {
        this.nextValue = nextValue;
    }

    public void line(int newLine) {
        line = newLine;
    }

    public Value fresh(Type type) {
        return new Value(nextValue++, type);
    }

    /** The instructions since the last call. */
    public List<Inst> take() {
        List<Inst> taken = List.copyOf(body);
        body.clear();
        return taken;
    }

    public Inst last() {
        return body.getLast();
    }

    public void add(Inst inst) {
        body.add(inst);
    }

    /** @return the result, or null where there is none */
    public Value emit(String op, Value... args) {
        return emit(Op.of(op), Imm.NONE, List.of(args));
    }

    public Value emit(Op op, Imm imm, List<Value> args) {
        return emit(op, op.result(), imm, args);
    }

    public Value emit(Op op, Type result, Imm imm, List<Value> args) {
        Value value = result == null ? null : fresh(result);
        body.add(new Inst(value, op, args, imm, line));
        if (op.is("i32.const")) {
            constants.put(value.id(), (int) ((Imm.Bits) imm).bits());
        }
        return value;
    }

    public Value constant(int number) {
        return emit(Op.of("i32.const"), new Imm.Bits(number), List.of());
    }

    /** @param bits the number, or the raw bits of a float or double */
    public Value constant(Type type, long bits) {
        return emit(Op.of(type + ".const"), new Imm.Bits(bits), List.of());
    }

    public Value zeroVector() {
        return emit(Op.of("v128.const"), new Imm.Bytes(Collections.nCopies(16, 0)), List.of());
    }

    /** The number that an i32 of this block or an earlier one is, where it is a constant. */
    public Optional<Integer> constantOf(Value value) {
        return Optional.ofNullable(constants.get(value.id()));
    }

    /** @return {@code yes} where the condition is not zero, else {@code no} */
    public Value select(Value condition, Value yes, Value no) {
        return emit("select_" + yes.type(), yes, no, condition);
    }
}
