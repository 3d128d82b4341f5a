package dev.crema.build.lanes.write;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Cfg;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Inst;
import dev.crema.build.lanes.ir.Op;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The body of one function. Structured control flow comes from the dominator tree: Norman Ramsey, "Beyond Relooper: Recursive
 * Translation of Unstructured Control Flow to Structured Control Flow" (ICFP 2022). A block that two edges lead forward to is placed
 * behind a Wasm {@code block} around what it is dominated by, a loop header within a {@code loop}, all others where the jump to them is.
 */
final class CodeWriter {
    private static final int VOID = 0x40;
    /** What a label without a target stands for: the two arms of an {@code if}. */
    private static final int NO_BLOCK = -1;

    private final Function function;
    private final Cfg cfg;
    private final Placement placement;
    private final Map<String, Integer> indices;
    private final ByteSink out = new ByteSink();
    /** Blocks that the labels around lead to, the innermost first. */
    private final Deque<Integer> labels = new ArrayDeque<>();

    /** The last local.set: where it is and ends, and its local. */
    private int setAt;
    private int setEnd = -1;
    private int setLocal;

    private CodeWriter(Function function, Map<String, Integer> indices) {
        this.function = function;
        this.cfg = new Cfg(function);
        this.placement = new Placement(function);
        this.indices = indices;
    }

    /** @param indices of functions by key */
    static ByteSink write(Function function, Map<String, Integer> indices) {
        CodeWriter writer = new CodeWriter(function, indices);
        writer.locals();
        writer.tree(function.blocks().getFirst().id());
        if (function.result() != null) {
            writer.out.one(0x00); // unreachable: every path has returned
        }
        return writer.out.one(0x0b);
    }

    private void locals() {
        List<Type> used = java.util.Arrays.stream(Type.values()).filter((Type type) -> placement.count(type) > 0).toList();
        out.unsigned(used.size());
        used.forEach((Type type) -> out.unsigned(placement.count(type)).one(type.code()));
    }

    private boolean merge(int id) {
        return cfg.predecessors(id).stream().filter((Integer from) -> !cfg.backward(from, id)).count() > 1;
    }

    /** The block and all that it dominates. */
    private void tree(int id) {
        List<Integer> merges = new ArrayList<>(cfg.dominated(id).stream().filter(this::merge).toList());
        boolean loop = cfg.loopHeader(id);
        if (loop) {
            out.one(0x03).one(VOID);
            labels.push(id);
        }
        // What comes last in the order is outermost: those before may jump to it.
        for (int merge : merges.reversed()) {
            out.one(0x02).one(VOID);
            labels.push(merge);
        }
        content(cfg.block(id));
        for (int merge : merges) {
            out.one(0x0b);
            labels.pop();
            tree(merge);
        }
        if (loop) {
            out.one(0x0b);
            labels.pop();
        }
    }

    private void content(Block block) {
        for (Inst inst : block.body()) {
            if (inst.result() == null) {
                instruction(inst);
            } else if (placement.nested(inst.result()) == null) {
                root(inst);
            }
        }
        switch (block.end()) {
            case End.Jump(End.Target target) -> jump(block.id(), target);
            case End.Branch branch -> branch(block.id(), branch);
            case End.Return(Value value) -> {
                if (value != null) {
                    get(value);
                }
                out.one(0x0f);
            }
        }
    }

    private void root(Inst inst) {
        int local = placement.local(inst.result());
        if (local >= 0) {
            instruction(inst);
            setAt = out.size();
            out.one(0x21).unsigned(local);
            setEnd = out.size();
            setLocal = local;
        } else if (inst.op().effect() == Op.Effect.ALL) {
            instruction(inst);
            out.one(0x1a); // drop
        }
    }

    private void branch(int from, End.Branch branch) {
        get(branch.condition());
        if (onlyBranches(from, branch.yes())) {
            out.one(0x0d).unsigned(label(branch.yes().block()));
            jump(from, branch.no());
            return;
        }
        if (onlyBranches(from, branch.no())) {
            out.one(0x45).one(0x0d).unsigned(label(branch.no().block()));
            jump(from, branch.yes());
            return;
        }
        out.one(0x04).one(VOID);
        labels.push(NO_BLOCK);
        jump(from, branch.yes());
        out.one(0x05);
        jump(from, branch.no());
        out.one(0x0b);
        labels.pop();
    }

    /** Whether a jump is nothing but a branch to a label: no arguments, and not a block that is placed here. */
    private boolean onlyBranches(int from, End.Target target) {
        return target.args().isEmpty() && (cfg.backward(from, target.block()) || merge(target.block()));
    }

    private void jump(int from, End.Target target) {
        List<Value> params = cfg.block(target.block()).params();
        // All are read before any is written: a loop may swap its variables.
        List<Integer> written = new ArrayList<>();
        for (int i = 0; i < params.size(); i++) {
            Value arg = target.args().get(i);
            int local = placement.local(params.get(i));
            if (placement.nested(arg) != null || placement.local(arg) != local) {
                get(arg);
                written.addFirst(local);
            }
        }
        written.forEach((Integer local) -> out.one(0x21).unsigned(local));
        if (cfg.backward(from, target.block()) || merge(target.block())) {
            out.one(0x0c).unsigned(label(target.block()));
        } else {
            tree(target.block());
        }
    }

    private int label(int block) {
        int depth = 0;
        for (int target : labels) {
            if (target == block) {
                return depth;
            }
            depth++;
        }
        throw new IllegalStateException("no label leads to block " + block + " of " + function.place());
    }

    private void get(Value value) {
        Inst inst = placement.nested(value);
        if (inst != null) {
            instruction(inst);
        } else if (out.size() == setEnd && placement.local(value) == setLocal) {
            out.replace(setAt, 0x22); // set and then got: local.tee
            setEnd = -1;
        } else {
            out.one(0x20).unsigned(placement.local(value));
        }
    }

    private void instruction(Inst inst) {
        inst.args().forEach(this::get);
        Op op = inst.op();
        if (op.prefix() < 0) {
            throw new IllegalStateException(op.name() + " was not lowered in " + function.place());
        }
        if (op.prefix() == 0) {
            out.one(op.code());
        } else {
            out.one(op.prefix()).unsigned(op.code());
        }
        immediate(inst);
    }

    private void immediate(Inst inst) {
        Op op = inst.op();
        switch (inst.imm()) {
            case Imm.Bits(long bits) -> {
                switch (inst.result().type()) {
                    case I32, I64 -> out.signed(bits);
                    case F32 -> out.fixed(bits, 4);
                    default -> out.fixed(bits, 8);
                }
            }
            case Imm.Offset(long bytes) -> {
                // Atomics must say their natural alignment; of others nothing is promised.
                boolean atomic = op.effect() == Op.Effect.ALL;
                out.unsigned(atomic ? Integer.numberOfTrailingZeros(op.accessBytes()) : 0).unsigned(bytes);
                if (op.is("v128.store64_lane")) {
                    out.one(0);
                }
            }
            case Imm.Lane(int lane) -> out.one(lane);
            case Imm.Bytes(List<Integer> bytes) -> bytes.forEach(out::one);
            case Imm.Callee(String callee) -> out.unsigned(indices.get(callee));
            case Imm.None() -> {
                switch (op.name()) {
                    case "memory.copy" -> out.one(0).one(0);
                    case "memory.fill" -> out.one(0);
                    case "select_v128" -> out.one(1).one(Type.V128.code());
                    default -> { }
                }
            }
        }
    }
}
