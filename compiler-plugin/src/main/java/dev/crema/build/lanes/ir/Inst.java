package dev.crema.build.lanes.ir;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One instruction.
 *
 * @param result what it defines, or null
 * @param line of the Java source
 */
public record Inst(Value result, Op op, List<Value> args, Imm imm, int line) {
    public Inst {
        args = List.copyOf(args);
    }

    public Inst withArgs(UnaryOperator<Value> change) {
        return new Inst(result, op, args.stream().map(change).toList(), imm, line);
    }

    public Inst withResult(Value value) {
        return new Inst(value, op, args, imm, line);
    }
}
