package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes out parameters of blocks that always get the same value, or themselves; and blocks that can't be reached. */
final class Params {
    private final Map<Integer, Value> replaced = new HashMap<>();

    private Params() {
    }

    static Function run(Function function) {
        return new Params().prune(function);
    }

    private Function prune(Function function) {
        Cfg cfg = new Cfg(function);
        List<Block> blocks = cfg.order().stream().map(cfg::block).toList();
        for (boolean changed = true; changed;) {
            changed = false;
            Map<Integer, List<End.Target>> entries = new HashMap<>();
            blocks.forEach((Block block) -> block.end().targets()
                .forEach((End.Target target) -> entries.computeIfAbsent(target.block(), (Integer id) -> new ArrayList<>()).add(target)));
            for (Block block : blocks) {
                for (int i = 0; i < block.params().size(); i++) {
                    changed |= decide(block.params().get(i), i, entries.getOrDefault(block.id(), List.of()));
                }
            }
        }
        return function.withBlocks(blocks.stream().map((Block block) -> rewrite(block, cfg)).toList());
    }

    private boolean decide(Value param, int index, List<End.Target> entries) {
        if (replaced.containsKey(param.id())) {
            return false;
        }
        Set<Value> others = new HashSet<>();
        for (End.Target entry : entries) {
            Value arg = resolve(entry.args().get(index));
            if (!arg.equals(param)) {
                others.add(arg);
            }
        }
        if (others.size() == 1) {
            replaced.put(param.id(), others.iterator().next());
        }
        return others.size() == 1;
    }

    private Value resolve(Value value) {
        Value at = value;
        while (replaced.containsKey(at.id())) {
            at = replaced.get(at.id());
        }
        return at;
    }

    private Block rewrite(Block block, Cfg cfg) {
        List<Value> params = block.params().stream().filter((Value param) -> !replaced.containsKey(param.id())).toList();
        List<Inst> body = block.body().stream().map((Inst inst) -> inst.withArgs(this::resolve)).toList();
        End end = block.end().withUses(this::resolve).withTargets((End.Target target) -> {
            List<Value> of = cfg.block(target.block()).params();
            List<Value> args = new ArrayList<>();
            for (int i = 0; i < of.size(); i++) {
                if (!replaced.containsKey(of.get(i).id())) {
                    args.add(target.args().get(i));
                }
            }
            return new End.Target(target.block(), args);
        });
        return new Block(block.id(), params, body, end);
    }
}
