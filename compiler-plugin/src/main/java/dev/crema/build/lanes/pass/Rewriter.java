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
import java.util.List;
import java.util.Map;

/** Goes over the blocks that can be reached, definitions before their uses, and replaces instructions and values. */
abstract class Rewriter {
    private final Map<Integer, Value> replaced = new HashMap<>();
    private final Map<Integer, Inst> definitions = new HashMap<>();
    private Emitter emitter;
    private Cfg cfg;

    Function run(Function function) {
        emitter = new Emitter(function.nextValue());
        cfg = new Cfg(function);
        List<Block> blocks = new ArrayList<>();
        for (int id : cfg.order()) {
            Block block = cfg.block(id);
            enter(block);
            for (Inst inst : block.body()) {
                emitter.line(inst.line());
                Value value = rewrite(inst.withArgs(this::value));
                if (inst.result() != null && value != inst.result()) {
                    replaced.put(inst.result().id(), value);
                }
            }
            End end = end(block.end().withUses(this::value));
            blocks.add(block.with(emitter.take(), end));
        }
        return function.withBlocks(blocks);
    }

    /** What stands for a value of the old function. */
    final Value value(Value old) {
        return replaced.getOrDefault(old.id(), old);
    }

    final Cfg cfg() {
        return cfg;
    }

    void enter(Block block) {
    }

    /** Adds what the instruction becomes, and returns the value of its result. */
    abstract Value rewrite(Inst inst);

    End end(End end) {
        return end;
    }

    /** Adds it as it is. */
    final Value keep(Inst inst) {
        emitter.add(inst);
        if (inst.result() != null) {
            definitions.put(inst.result().id(), inst);
        }
        return inst.result();
    }

    final Value emit(String op, Value... args) {
        return remember(emitter.emit(op, args));
    }

    final Value emit(String op, Imm imm, List<Value> args) {
        return remember(emitter.emit(Op.of(op), imm, args));
    }

    final Value fresh(Type type) {
        return emitter.fresh(type);
    }

    final Value constant(Type type, long bits) {
        return remember(emitter.constant(type, bits));
    }

    private Value remember(Value value) {
        if (value != null) {
            Inst inst = emitter.last();
            definitions.put(value.id(), inst);
        }
        return value;
    }

    /** The new instruction that defines a value, or null for parameters. */
    final Inst definition(Value value) {
        return definitions.get(value.id());
    }
}
