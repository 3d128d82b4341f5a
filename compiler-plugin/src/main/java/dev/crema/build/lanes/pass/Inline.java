package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Puts the blocks of called functions in the place of the calls. */
final class Inline {
    private final Map<String, Function> callees;
    private final Predicate<Function> wanted;
    private final List<Block> done = new ArrayList<>();
    private final Deque<Block> open = new ArrayDeque<>();
    private int nextValue;
    private int nextBlock;

    private Inline(Map<String, Function> callees, Predicate<Function> wanted) {
        this.callees = callees;
        this.wanted = wanted;
    }

    /** @param callees by key, with their own calls inlined already */
    static Function run(Function caller, Map<String, Function> callees, Predicate<Function> wanted) {
        return new Inline(callees, wanted).into(caller);
    }

    private Function into(Function caller) {
        nextValue = caller.nextValue();
        nextBlock = caller.nextBlock();
        open.addAll(caller.blocks());
        while (!open.isEmpty()) {
            Block block = open.pop();
            int at = callIn(block);
            if (at < 0) {
                done.add(block);
            } else {
                split(block, at);
            }
        }
        return caller.withBlocks(done);
    }

    private int callIn(Block block) {
        for (int i = 0; i < block.body().size(); i++) {
            if (block.body().get(i).imm() instanceof Imm.Callee(String key) && callees.containsKey(key) && wanted.test(callees.get(key))) {
                return i;
            }
        }
        return -1;
    }

    private void split(Block block, int at) {
        Inst call = block.body().get(at);
        Function callee = callees.get(((Imm.Callee) call.imm()).function());
        Block rest = new Block(nextBlock++, call.result() == null ? List.of() : List.of(call.result()),
            block.body().subList(at + 1, block.body().size()), block.end());
        open.push(rest);
        Map<Integer, Value> values = new HashMap<>();
        for (int i = 0; i < callee.params().size(); i++) {
            values.put(callee.params().get(i).id(), call.args().get(i));
        }
        Map<Integer, Integer> ids = new HashMap<>();
        callee.blocks().forEach((Block one) -> ids.put(one.id(), nextBlock++));
        done.add(block.with(block.body().subList(0, at), new End.Jump(new End.Target(ids.get(callee.blocks().getFirst().id()), List.of()))));
        for (Block one : callee.blocks()) {
            done.add(copy(one, values, ids, rest.id()));
        }
    }

    private Block copy(Block block, Map<Integer, Value> values, Map<Integer, Integer> ids, int returnTo) {
        List<Value> params = block.params().stream().map((Value param) -> map(param, values)).toList();
        List<Inst> body = block.body().stream()
            .map((Inst inst) -> inst.withArgs((Value arg) -> map(arg, values)).withResult(inst.result() == null ? null : map(inst.result(), values))).toList();
        End end = block.end().withUses((Value value) -> map(value, values));
        End mapped = switch (end) {
            case End.Return(Value value) -> new End.Jump(new End.Target(returnTo, value == null ? List.of() : List.of(value)));
            default -> end.withTargets((End.Target target) -> new End.Target(ids.get(target.block()), target.args()));
        };
        return new Block(ids.get(block.id()), params, body, mapped);
    }

    private Value map(Value old, Map<Integer, Value> values) {
        return values.computeIfAbsent(old.id(), (Integer id) -> new Value(nextValue++, old.type()));
    }
}
