package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Common subexpressions: what a dominating block has computed is not computed again. Reads of memory are left alone. */
final class Common extends Rewriter {
    private record Key(Op op, List<Value> args, Imm imm) {
    }

    private record Known(int block, Value value) {
    }

    private final Map<Key, List<Known>> computed = new HashMap<>();
    private int block;

    static Function apply(Function function) {
        return new Common().run(function);
    }

    @Override
    void enter(Block entered) {
        block = entered.id();
    }

    @Override
    Value rewrite(Inst inst) {
        if (!inst.op().pure()) {
            return keep(inst);
        }
        List<Known> known = computed.computeIfAbsent(new Key(inst.op(), inst.args(), inst.imm()), (Key key) -> new ArrayList<>());
        for (Known one : known) {
            if (cfg().dominates(one.block(), block)) {
                return one.value();
            }
        }
        known.add(new Known(block, inst.result()));
        return keep(inst);
    }
}
