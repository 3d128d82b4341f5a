package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.Emitter;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Joins a block to the only one that jumps to it, steps over blocks that only jump on, and makes a {@code select} of a branch that only
 * chooses between cheap scalars.
 */
final class Flow {
    /** Most instructions that a branch may skip and a select does always. */
    private static final int MOST_SPECULATED = 4;
    private static final int MOST_SELECTED = 2;

    private final Map<Integer, Block> blocks = new LinkedHashMap<>();
    private final Map<Integer, Value> replaced = new HashMap<>();
    private final Emitter emitter;
    private final int entry;
    private Map<Integer, Integer> entries;

    private Flow(Function function) {
        Cfg cfg = new Cfg(function);
        cfg.order().forEach((Integer id) -> blocks.put(id, cfg.block(id)));
        emitter = new Emitter(function.nextValue());
        entry = function.blocks().getFirst().id();
    }

    static Function run(Function function) {
        Flow flow = new Flow(function);
        while (flow.step()) {
            flow.dropUnreachable();
        }
        List<Block> result = flow.blocks.values().stream().map(flow::rename).toList();
        return function.withBlocks(result);
    }

    private boolean step() {
        count();
        for (int id : List.copyOf(blocks.keySet())) {
            if (blocks.containsKey(id) && (same(id) || select(id) || join(id) || skip(id))) {
                return true;
            }
        }
        return false;
    }

    private void count() {
        entries = new HashMap<>();
        blocks.values().forEach((Block block) -> block.end().targets().forEach((End.Target target) -> entries.merge(target.block(), 1, Integer::sum)));
    }

    private void dropUnreachable() {
        count();
        while (blocks.keySet().removeIf((Integer id) -> id != entry && !entries.containsKey(id))) {
            count();
        }
    }

    /** A branch to one place. */
    private boolean same(int id) {
        Block block = blocks.get(id);
        if (block.end() instanceof End.Branch(Value condition, End.Target yes, End.Target no) && yes.equals(no)) {
            blocks.put(id, block.with(block.body(), new End.Jump(yes)));
            return true;
        }
        return false;
    }

    private boolean join(int id) {
        Block block = blocks.get(id);
        if (!(block.end() instanceof End.Jump(End.Target target)) || entries.get(target.block()) != 1 || target.block() == id || target.block() == entry) {
            return false;
        }
        Block next = blocks.remove(target.block());
        for (int i = 0; i < next.params().size(); i++) {
            replaced.put(next.params().get(i).id(), target.args().get(i));
        }
        List<Inst> body = new ArrayList<>(block.body());
        body.addAll(next.body());
        blocks.put(id, block.with(body, next.end()));
        return true;
    }

    /** A jump to an empty block without parameters that jumps on. */
    private boolean skip(int id) {
        Block block = blocks.get(id);
        boolean[] changed = {false};
        End end = block.end().withTargets((End.Target target) -> {
            Block next = blocks.get(target.block());
            if (target.block() != id && next.params().isEmpty() && next.body().isEmpty() && next.end() instanceof End.Jump(End.Target onward)
                && onward.block() != target.block()) {
                changed[0] = true;
                return onward;
            }
            return target;
        });
        blocks.put(id, block.with(block.body(), end));
        return changed[0];
    }

    private boolean select(int id) {
        Block block = blocks.get(id);
        if (!(block.end() instanceof End.Branch(Value condition, End.Target yes, End.Target no))) {
            return false;
        }
        List<Inst> speculated = new ArrayList<>();
        End.Target left = through(yes, no.block(), speculated);
        End.Target right = through(no, left.block(), speculated);
        if (left.block() != right.block()) {
            left = yes;
            speculated.clear();
            right = through(no, yes.block(), speculated);
        }
        if (left.block() != right.block() || speculated.size() > MOST_SPECULATED || left.block() == id) {
            return false;
        }
        int different = 0;
        for (int i = 0; i < left.args().size(); i++) {
            Value a = resolve(left.args().get(i));
            if (!Objects.equals(a, resolve(right.args().get(i)))) {
                different++;
                if (a.type() == Type.V128) {
                    return false; // engines have no conditional move of vectors
                }
            }
        }
        if (different > MOST_SELECTED) {
            return false;
        }
        List<Inst> body = new ArrayList<>(block.body());
        body.addAll(speculated);
        List<Value> args = new ArrayList<>();
        for (int i = 0; i < left.args().size(); i++) {
            Value a = resolve(left.args().get(i));
            Value b = resolve(right.args().get(i));
            args.add(a.equals(b) ? a : emitter.select(condition, a, b));
        }
        body.addAll(emitter.take());
        blocks.put(id, block.with(body, new End.Jump(new End.Target(left.block(), args))));
        return true;
    }

    /** Where a side of a branch comes to after a block that only it enters and that does nothing but cheap scalar arithmetic. */
    private End.Target through(End.Target side, int other, List<Inst> speculated) {
        Block block = blocks.get(side.block());
        boolean cheap = block.body().stream().allMatch((Inst inst) -> inst.op().pure() && inst.result().type() != Type.V128
            && inst.args().stream().allMatch((Value arg) -> arg.type() != Type.V128) && !inst.op().name().matches("f(32|64)\\.(div|sqrt)"));
        if (side.block() != other && entries.get(side.block()) == 1 && block.params().isEmpty() && cheap && block.end() instanceof End.Jump(End.Target onward)) {
            speculated.addAll(block.body());
            return onward;
        }
        return side;
    }

    private Value resolve(Value value) {
        Value at = value;
        while (replaced.containsKey(at.id())) {
            at = replaced.get(at.id());
        }
        return at;
    }

    private Block rename(Block block) {
        return block.with(block.body().stream().map((Inst inst) -> inst.withArgs(this::resolve)).toList(), block.end().withUses(this::resolve));
    }
}
