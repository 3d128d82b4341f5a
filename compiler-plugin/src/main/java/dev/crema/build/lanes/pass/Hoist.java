package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loop-invariant code: an instruction without an effect whose operands come from outside a loop moves to the end of the block that
 * dominates the loop. Reads stay, as a loop that never runs must not trap. (Where scalar constants stand is all the same: they are
 * written where they are used.)
 */
final class Hoist {
    private final Cfg cfg;
    private final Map<Integer, List<Inst>> bodies = new HashMap<>();
    private final Map<Integer, Integer> home = new HashMap<>();

    private Hoist(Function function) {
        cfg = new Cfg(function);
        for (int id : cfg.order()) {
            Block block = cfg.block(id);
            bodies.put(id, new ArrayList<>(block.body()));
            block.params().forEach((Value param) -> home.put(param.id(), id));
            block.body().stream().filter((Inst inst) -> inst.result() != null).forEach((Inst inst) -> home.put(inst.result().id(), id));
        }
    }

    static Function run(Function function) {
        Hoist hoist = new Hoist(function);
        // Inner loops first: what leaves one may leave the next as well.
        hoist.cfg.order().reversed().stream().filter(hoist.cfg::loopHeader).forEach(hoist::empty);
        return function.withBlocks(hoist.cfg.order().stream().map((Integer id) -> hoist.cfg.block(id).with(hoist.bodies.get(id), hoist.cfg.block(id).end())).toList());
    }

    private void empty(int header) {
        Set<Integer> loop = cfg.loop(header);
        int before = cfg.dominator(header);
        for (int id : cfg.order()) {
            if (!loop.contains(id)) {
                continue;
            }
            List<Inst> kept = new ArrayList<>();
            for (Inst inst : bodies.get(id)) {
                if (inst.op().pure() && inst.args().stream().allMatch((Value arg) -> outside(arg, loop))) {
                    bodies.get(before).add(inst);
                    home.put(inst.result().id(), before);
                } else {
                    kept.add(inst);
                }
            }
            bodies.put(id, kept);
        }
    }

    private boolean outside(Value value, Set<Integer> loop) {
        Integer block = home.get(value.id());
        return block == null || !loop.contains(block);
    }
}
