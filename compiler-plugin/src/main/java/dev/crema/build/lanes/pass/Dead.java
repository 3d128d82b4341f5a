package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op.Effect;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes out instructions and parameters of blocks that nothing needs: neither a write, a call, a condition nor a result. */
final class Dead {
    private final Map<Integer, Inst> definitions = new HashMap<>();
    private final Map<Integer, List<Value>> passed = new HashMap<>();
    private final Set<Integer> live = new HashSet<>();
    private final Deque<Value> open = new ArrayDeque<>();

    private Dead() {
    }

    static Function run(Function function) {
        return new Dead().remove(function);
    }

    private static boolean needed(Inst inst) {
        return inst.op().effect().compareTo(Effect.WRITE) >= 0;
    }

    private Function remove(Function function) {
        Cfg cfg = new Cfg(function);
        List<Block> blocks = cfg.order().stream().map(cfg::block).toList();
        for (Block block : blocks) {
            for (Inst inst : block.body()) {
                if (inst.result() != null) {
                    definitions.put(inst.result().id(), inst);
                }
                if (needed(inst)) {
                    inst.args().forEach(this::need);
                }
            }
            switch (block.end()) {
                case End.Branch branch -> need(branch.condition());
                case End.Return end when end.value() != null -> need(end.value());
                default -> { }
            }
            for (End.Target target : block.end().targets()) {
                List<Value> params = cfg.block(target.block()).params();
                for (int i = 0; i < params.size(); i++) {
                    passed.computeIfAbsent(params.get(i).id(), (Integer id) -> new ArrayList<>()).add(target.args().get(i));
                }
            }
        }
        while (!open.isEmpty()) {
            Value value = open.pop();
            Inst inst = definitions.get(value.id());
            (inst != null ? inst.args() : passed.getOrDefault(value.id(), List.of())).forEach(this::need);
        }
        return function.withBlocks(blocks.stream().map((Block block) -> rewrite(block, cfg)).toList());
    }

    private void need(Value value) {
        if (live.add(value.id())) {
            open.push(value);
        }
    }

    private Block rewrite(Block block, Cfg cfg) {
        List<Inst> body = block.body().stream().filter((Inst inst) -> needed(inst) || live.contains(inst.result().id())).toList();
        End end = block.end().withTargets((End.Target target) -> {
            List<Value> params = cfg.block(target.block()).params();
            List<Value> args = new ArrayList<>();
            for (int i = 0; i < params.size(); i++) {
                if (live.contains(params.get(i).id())) {
                    args.add(target.args().get(i));
                }
            }
            return new End.Target(target.block(), args);
        });
        return new Block(block.id(), block.params().stream().filter((Value param) -> live.contains(param.id())).toList(), body, end);
    }
}
