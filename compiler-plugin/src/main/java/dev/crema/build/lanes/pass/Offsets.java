package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Folds constants that are added to an address into the offset of the access.
 *
 * <p>In Java an address wraps at 2^32, with an offset it does not. So {@code base + c} becomes {@code base} with offset {@code c} only where
 * {@code base} is known to lie in the memory: where it, or it plus another offset, is accessed as well, in a dominating block or in the
 * same one (if that access comes later and fails, the kernel fails in either case). A memory has less than 2^32 - 2^16 bytes, so
 * that {@code base} plus an offset of less than 2^16 can't wrap.
 */
final class Offsets extends Rewriter {
    static final long END = 1 << 16;

    /** An address that is accessed. */
    private record Known(int block, Value address, long constant) {
    }

    private final Map<Value, List<Known>> accessed = new HashMap<>();
    private final Map<Integer, List<Value>> bases = new HashMap<>();
    private int block;

    static Function apply(Function function) {
        Offsets pass = new Offsets();
        function.blocks().forEach((Block each) -> pass.bases.put(each.id(),
            each.body().stream().filter((Inst inst) -> inst.imm() instanceof Imm.Offset).map((Inst inst) -> inst.args().getFirst()).toList()));
        return pass.run(function);
    }

    @Override
    void enter(Block entered) {
        block = entered.id();
        for (Value base : bases.get(block)) {
            if (definition(base) == null || !addsConstant(definition(base))) {
                know(base, base, 0);
            }
        }
    }

    private void know(Value base, Value address, long constant) {
        accessed.computeIfAbsent(base, (Value key) -> new ArrayList<>()).add(new Known(block, address, constant));
    }

    @Override
    Value rewrite(Inst inst) {
        if (!(inst.imm() instanceof Imm.Offset(long offset))) {
            return keep(inst);
        }
        Value address = inst.args().getFirst();
        Inst sum = definition(address);
        boolean adds = sum != null && addsConstant(sum);
        Value base = adds ? sum.args().getFirst() : address;
        long constant = adds ? constant(sum) : 0;
        for (Known known : accessed.getOrDefault(base, List.of())) {
            long distance = constant - known.constant() + offset;
            if (distance >= 0 && distance < END && !known.address().equals(address) && cfg().dominates(known.block(), block)) {
                List<Value> args = new ArrayList<>(inst.args());
                args.set(0, known.address());
                return keep(new Inst(inst.result(), inst.op(), args, new Imm.Offset(distance), inst.line()));
            }
        }
        know(base, address, constant);
        return keep(inst);
    }

    private boolean addsConstant(Inst inst) {
        return (inst.op().is("i32.add") || inst.op().is("i64.add")) && definition(inst.args().get(1)) != null && definition(inst.args().get(1)).op().constant();
    }

    private long constant(Inst sum) {
        return ((Imm.Bits) definition(sum.args().get(1)).imm()).bits();
    }
}
