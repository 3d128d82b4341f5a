package dev.crema.build.lanes.pass;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.Emitter;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes i64 parameters of blocks i32 where only their low half counts, as with addresses that a loop moves on in a 32-bit memory. {@link Fold} then finds
 * that the sums need no 64 bits either.
 */
final class Narrow {
    /** Whose low half is that of the low halves of their operands. */
    private static final Set<String> LOW = Set.of("i64.add", "i64.sub", "i64.mul", "i64.and", "i64.or", "i64.xor", "select_i64");

    private final Cfg cfg;
    private final Emitter emitter;
    /** Ids of values of which only the low half is used, as far as has been seen. */
    private final Set<Integer> low = new HashSet<>();
    private final Map<Integer, Value> extended = new HashMap<>();

    private Narrow(Function function) {
        cfg = new Cfg(function);
        emitter = new Emitter(function.nextValue());
    }

    static Function run(Function function) {
        return new Narrow(function).narrow(function);
    }

    private Function narrow(Function function) {
        List<Block> blocks = cfg.order().stream().map(cfg::block).toList();
        for (Block block : blocks) {
            block.params().stream().filter((Value param) -> param.type() == Type.I64).forEach((Value param) -> low.add(param.id()));
            block.body().stream().filter((Inst inst) -> LOW.contains(inst.op().name())).forEach((Inst inst) -> low.add(inst.result().id()));
        }
        for (int before = -1; before != low.size();) {
            before = low.size();
            blocks.forEach(this::strike);
        }
        for (Block block : blocks) {
            for (Value param : block.params()) {
                if (low.contains(param.id())) {
                    extended.put(param.id(), emitter.fresh(Type.I64));
                }
            }
        }
        return extended.isEmpty() ? function : function.withBlocks(blocks.stream().map(this::rewrite).toList());
    }

    /** Takes out what the block uses as a whole. */
    private void strike(Block block) {
        for (Inst inst : block.body()) {
            boolean passesOn = inst.result() != null && low.contains(inst.result().id());
            for (int i = 0; i < inst.args().size(); i++) {
                boolean condition = i == 2;
                if (condition || !passesOn && !inst.op().is("i32.wrap_i64")) {
                    low.remove(inst.args().get(i).id());
                }
            }
        }
        if (block.end() instanceof End.Return end && end.value() != null) {
            low.remove(end.value().id());
        }
        for (End.Target target : block.end().targets()) {
            List<Value> params = cfg.block(target.block()).params();
            for (int i = 0; i < params.size(); i++) {
                if (!low.contains(params.get(i).id())) {
                    low.remove(target.args().get(i).id());
                }
            }
        }
    }

    private Block rewrite(Block block) {
        List<Value> params = new ArrayList<>();
        for (Value param : block.params()) {
            Value whole = extended.get(param.id());
            if (whole == null) {
                params.add(param);
            } else {
                Value half = emitter.fresh(Type.I32);
                params.add(half);
                emitter.add(new Inst(whole, Op.of("i64.extend_i32_u"), List.of(half), Imm.NONE, 0));
            }
        }
        block.body().forEach((Inst inst) -> emitter.add(inst.withArgs(this::value)));
        End end = block.end().withUses(this::value).withTargets(this::passed);
        return new Block(block.id(), params, emitter.take(), end);
    }

    private Value value(Value old) {
        return extended.getOrDefault(old.id(), old);
    }

    private End.Target passed(End.Target target) {
        List<Value> params = cfg.block(target.block()).params();
        List<Value> args = new ArrayList<>();
        for (int i = 0; i < params.size(); i++) {
            Value arg = target.args().get(i);
            args.add(extended.containsKey(params.get(i).id()) ? emitter.emit("i32.wrap_i64", arg) : arg);
        }
        return new End.Target(target.block(), args);
    }
}
