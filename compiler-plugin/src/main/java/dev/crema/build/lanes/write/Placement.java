package dev.crema.build.lanes.write;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op.Effect;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each value lives: on Wasm's stack, computed where it is used, or in a local. On the stack are scalar constants, and values used
 * once, in the block that defines them, where nothing that writes lies between a read and its use.
 */
final class Placement {
    private final Map<Integer, Integer> uses = new HashMap<>();
    private final Map<Integer, Inst> nested = new HashMap<>();
    private final Map<Integer, Integer> locals = new HashMap<>();
    private final Map<Type, Integer> counts = new HashMap<>();

    Placement(Function function) {
        for (Block block : function.blocks()) {
            block.body().forEach((Inst inst) -> inst.args().forEach(this::use));
            block.end().uses().forEach(this::use);
        }
        function.blocks().forEach(this::nest);
        assign(function);
    }

    private void use(Value value) {
        uses.merge(value.id(), 1, Integer::sum);
    }

    private void nest(Block block) {
        List<Inst> body = block.body();
        // For each value its use in this block, as the index of the instruction at which it is computed if it is nested.
        Map<Integer, Integer> usedAt = new HashMap<>();
        block.end().uses().forEach((Value value) -> usedAt.put(value.id(), body.size()));
        int[] writesBefore = new int[body.size() + 1];
        for (int i = 0; i < body.size(); i++) {
            writesBefore[i + 1] = writesBefore[i] + (body.get(i).op().effect().compareTo(Effect.WRITE) >= 0 ? 1 : 0);
        }
        for (int i = body.size() - 1; i >= 0; i--) {
            Inst inst = body.get(i);
            int at = i;
            if (inst.result() != null) {
                int id = inst.result().id();
                Integer use = usedAt.get(id);
                boolean scalar = inst.op().constant() && inst.result().type() != Type.V128;
                boolean once = use != null && uses.getOrDefault(id, 0) == 1;
                boolean still = inst.op().effect().compareTo(Effect.READ) < 0
                    || inst.op().effect() == Effect.READ && use != null && writesBefore[use] == writesBefore[i + 1];
                if (scalar || once && still) {
                    nested.put(id, inst);
                    at = use == null ? i : use;
                }
            }
            for (Value arg : inst.args()) {
                usedAt.put(arg.id(), at);
            }
        }
    }

    /** Parameters come first, then locals by type, as a module declares them. */
    private void assign(Function function) {
        function.params().forEach((Value param) -> locals.put(param.id(), locals.size()));
        List<Value> all = new ArrayList<>();
        for (Block block : function.blocks()) {
            all.addAll(block.params());
            for (Inst inst : block.body()) {
                if (inst.result() != null && !nested.containsKey(inst.result().id()) && uses.containsKey(inst.result().id())) {
                    all.add(inst.result());
                }
            }
        }
        for (Type type : Type.values()) {
            for (Value value : all) {
                if (value.type() == type) {
                    locals.put(value.id(), locals.size());
                    counts.merge(type, 1, Integer::sum);
                }
            }
        }
    }

    /** The instruction to compute where its value is used, or null where it is in a local. */
    Inst nested(Value value) {
        return nested.get(value.id());
    }

    /** The index of its local, or -1 where it is never used. */
    int local(Value value) {
        return locals.getOrDefault(value.id(), -1);
    }

    /** Locals of a type, parameters left out. */
    int count(Type type) {
        return counts.getOrDefault(type, 0);
    }
}
