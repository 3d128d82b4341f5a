package dev.crema.build.lanes.read;

import dev.crema.build.lanes.ir.Block;
import dev.crema.build.lanes.ir.Emitter;
import dev.crema.build.lanes.ir.End;
import dev.crema.build.lanes.ir.Function;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.StackMapFrameInfo;
import java.lang.classfile.attribute.StackMapTableAttribute;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.LookupSwitchInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.classfile.instruction.TableSwitchInstruction;
import java.lang.classfile.instruction.ThrowInstruction;
import java.lang.constant.ClassDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Turns the bytecode of one method into static single assignment form: a block for each place where flow joins or parts, its parameters
 * the locals and stack entries that the class file's stack map promises there.
 */
final class MethodReader {
    /** An instruction with its source line. */
    private record Step(Instruction instruction, int line) {
    }

    private final Place place;
    private final MethodModel method;
    private final List<Step> steps = new ArrayList<>();
    private final Map<Label, Integer> labels = new HashMap<>();
    private final Map<Integer, StackMapFrameInfo> maps = new HashMap<>();
    /** By the index of the step that a block begins at: what its parameters stand for, and its id. */
    private final Map<Integer, Frame> frames = new HashMap<>();
    private final List<Block> blocks = new ArrayList<>();
    private final Emitter emitter = new Emitter(0);
    private int nextBlock;

    private MethodReader(Place place, MethodModel method) {
        this.place = place;
        this.method = method;
    }

    /** @param export name of the export, or null */
    static Function read(Place place, String key, String export, MethodModel method) {
        return new MethodReader(place, method).read(key, export);
    }

    private Function read(String key, String export) {
        CodeModel code = method.code().orElseThrow(() -> place.problem("native and abstract methods have no code to compile"));
        if (!code.exceptionHandlers().isEmpty()) {
            throw place.problem("try and catch are outside what kernels may use: check arguments before");
        }
        flatten(code);
        Frame entry = new Frame();
        List<Value> params = parameters(entry);
        TreeSet<Integer> starts = starts();
        nextBlock = steps.size();
        for (int start : starts) {
            if (maps.containsKey(start)) {
                frames.put(start, joined(start));
            }
        }
        // Nothing may jump to the entry, and a method can begin with a loop.
        if (frames.containsKey(0)) {
            blocks.add(new Block(nextBlock++, List.of(), List.of(), new End.Jump(target(0, entry))));
        } else {
            frames.put(0, entry);
        }
        for (int start : starts) {
            Integer end = starts.higher(start);
            block(start, end == null ? steps.size() : end);
        }
        return new Function(key, export, place.className() + "." + place.method(), params, result(), blocks);
    }

    private void flatten(CodeModel code) {
        int line = 0;
        for (CodeElement element : code.elementList()) {
            switch (element) {
                case Label label -> labels.put(label, steps.size());
                case LineNumber number -> line = number.line();
                case Instruction instruction -> steps.add(new Step(instruction, line));
                default -> { }
            }
        }
        code.findAttribute(Attributes.stackMapTable()).map(StackMapTableAttribute::entries).orElse(List.of())
            .forEach((StackMapFrameInfo info) -> maps.put(labels.get(info.target()), info));
    }

    private List<Value> parameters(Frame entry) {
        List<Value> params = new ArrayList<>();
        int slot = 0;
        if (!method.flags().has(java.lang.reflect.AccessFlag.STATIC)) {
            Value self = emitter.fresh(Type.V128); // only methods of the vector types are read that are not static
            params.add(self);
            entry.locals().put(slot++, self);
        }
        for (ClassDesc type : method.methodTypeSymbol().parameterList()) {
            Type wasm = LaneTypes.of(type);
            if (wasm == null) {
                throw place.problem("a parameter is of type " + type.displayName() + ": kernels use int, long, float, double and vectors");
            }
            Value value = emitter.fresh(wasm);
            params.add(value);
            entry.locals().put(slot, value);
            slot += wasm == Type.I64 || wasm == Type.F64 ? 2 : 1;
        }
        return params;
    }

    private Type result() {
        ClassDesc type = method.methodTypeSymbol().returnType();
        Type wasm = LaneTypes.of(type);
        if (wasm == null && !type.descriptorString().equals("V")) {
            throw place.problem("it returns " + type.displayName() + ": kernels use int, long, float, double and vectors");
        }
        return wasm;
    }

    private TreeSet<Integer> starts() {
        TreeSet<Integer> starts = new TreeSet<>(List.of(0));
        for (int i = 0; i < steps.size(); i++) {
            List<Label> targets = targets(steps.get(i).instruction());
            targets.forEach((Label label) -> starts.add(labels.get(label)));
            if (!targets.isEmpty() || steps.get(i).instruction() instanceof ReturnInstruction || steps.get(i).instruction() instanceof ThrowInstruction) {
                starts.add(i + 1);
            }
        }
        starts.remove(steps.size());
        return starts;
    }

    private static List<Label> targets(Instruction instruction) {
        return switch (instruction) {
            case BranchInstruction branch -> List.of(branch.target());
            case TableSwitchInstruction table -> switchTargets(table.cases(), table.defaultTarget());
            case LookupSwitchInstruction lookup -> switchTargets(lookup.cases(), lookup.defaultTarget());
            default -> List.of();
        };
    }

    private static List<Label> switchTargets(List<SwitchCase> cases, Label otherwise) {
        List<Label> targets = new ArrayList<>(cases.stream().map(SwitchCase::target).toList());
        targets.add(otherwise);
        return targets;
    }

    /** Fresh values for what the stack map promises at a step. */
    private Frame joined(int start) {
        Frame frame = new Frame();
        Place at = place.at(steps.get(start).line());
        Frame.localTypes(maps.get(start), at).forEach((Integer slot, Type type) -> frame.locals().put(slot, emitter.fresh(type)));
        Frame.stackTypes(maps.get(start), at).forEach((Type type) -> frame.push(emitter.fresh(type)));
        return frame;
    }

    /** What a jump from a place with this frame passes on; a place without a stack map has one way in, and shares its values. */
    private End.Target target(int start, Frame from) {
        if (!maps.containsKey(start)) {
            frames.put(start, from.copy());
            return new End.Target(start, List.of());
        }
        Frame to = frames.get(start);
        List<Value> args = new ArrayList<>();
        to.locals().keySet().forEach((Integer slot) -> args.add(from.locals().get(slot)));
        args.addAll(from.stack());
        return new End.Target(start, args);
    }

    private void block(int start, int end) {
        Frame frame = frames.get(start);
        if (frame == null) {
            throw place.at(steps.get(start).line()).problem("code that can't be reached: compile the kernels with javac");
        }
        List<Value> params = new ArrayList<>();
        if (maps.containsKey(start)) {
            params.addAll(frame.locals().values());
            params.addAll(frame.stack());
        }
        BlockReader reader = new BlockReader(place, emitter, frame.copy());
        for (int i = start; i < end; i++) {
            Step step = steps.get(i);
            emitter.line(step.line());
            boolean ends = !targets(step.instruction()).isEmpty() || step.instruction() instanceof ReturnInstruction;
            if (ends) {
                finish(start, params, i, reader);
                return;
            }
            reader.read(step.instruction(), step.line());
        }
        if (end == steps.size()) {
            throw place.at(steps.get(start).line()).problem("exceptions are outside what kernels may use: check arguments before");
        }
        End.Target next = target(end, reader.frame());
        blocks.add(new Block(start, params, emitter.take(), new End.Jump(next)));
    }

    private void finish(int start, List<Value> params, int at, BlockReader reader) {
        Instruction instruction = steps.get(at).instruction();
        Frame frame = reader.frame();
        switch (instruction) {
            case ReturnInstruction end -> {
                Value value = end.typeKind() == java.lang.classfile.TypeKind.VOID ? null : frame.pop();
                blocks.add(new Block(start, params, emitter.take(), new End.Return(value)));
            }
            case BranchInstruction branch -> {
                Value condition = reader.condition(branch.opcode(), steps.get(at).line());
                int taken = labels.get(branch.target());
                End end = condition == null ? new End.Jump(target(taken, frame))
                    : new End.Branch(condition, target(taken, frame), target(at + 1, frame));
                blocks.add(new Block(start, params, emitter.take(), end));
            }
            case TableSwitchInstruction table -> choose(start, params, table.cases(), table.defaultTarget(), frame);
            case LookupSwitchInstruction lookup -> choose(start, params, lookup.cases(), lookup.defaultTarget(), frame);
            default -> throw place.at(steps.get(at).line()).problem(instruction.opcode() + " is outside what kernels may use");
        }
    }

    /** A switch is a chain of comparisons. */
    private void choose(int start, List<Value> params, List<SwitchCase> cases, Label otherwise, Frame frame) {
        Value selector = frame.pop();
        int id = start;
        List<Value> own = params;
        for (SwitchCase one : cases) {
            if (labels.get(one.target()).equals(labels.get(otherwise))) {
                continue;
            }
            Value equal = emitter.emit("i32.eq", selector, emitter.constant(one.caseValue()));
            int next = nextBlock++;
            blocks.add(new Block(id, own, emitter.take(), new End.Branch(equal, target(labels.get(one.target()), frame), new End.Target(next, List.of()))));
            id = next;
            own = List.of();
        }
        blocks.add(new Block(id, own, emitter.take(), new End.Jump(target(labels.get(otherwise), frame))));
    }
}
