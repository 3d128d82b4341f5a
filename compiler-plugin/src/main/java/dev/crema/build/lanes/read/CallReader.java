package dev.crema.build.lanes.read;

import dev.crema.build.lanes.ir.Emitter;
import dev.crema.build.lanes.ir.Imm;
import dev.crema.build.lanes.ir.Op;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads calls: those that are instructions, and those of other methods. */
final class CallReader {
    private final Emitter emitter;
    private final Frame frame;

    CallReader(Emitter emitter, Frame frame) {
        this.emitter = emitter;
        this.frame = frame;
    }

    void read(InvokeInstruction call, Place place) {
        String owner = call.owner().asInternalName();
        String name = call.name().stringValue();
        String descriptor = call.type().stringValue();
        boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
        if (!isStatic && !LaneTypes.isVector(owner)) {
            throw place.problem(owner.replace('/', '.') + "." + name + " is a method of an object: kernels call static methods and those of vectors");
        }
        MethodTypeDesc type = call.typeSymbol();
        int count = type.parameterCount() + (isStatic ? 0 : 1);
        List<Value> args = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            args.addFirst(frame.pop());
        }
        Calls.Call found = Calls.find(owner, name, descriptor);
        Value result;
        if (found != null) {
            result = instruction(found, args, place);
        } else if (owner.startsWith("java/")) {
            result = ofJava(owner, name, descriptor, args, place);
        } else {
            result = emitter.emit(Op.CALL, LaneTypes.of(type.returnType()), new Imm.Callee(owner + "." + name + descriptor), args);
        }
        if (result != null) {
            frame.push(result);
        }
    }

    private Value instruction(Calls.Call call, List<Value> args, Place place) {
        return switch (call.form()) {
            case SAME -> args.getFirst();
            case ZERO -> emitter.zeroVector();
            case PLAIN -> plain(Op.of(call.op()), args);
            case STORE -> plain(Op.of(call.op()), List.of(args.get(1), args.get(0)));
            case SELECT -> plain(Op.of(call.op()), List.of(args.get(1), args.get(2), args.get(0)));
            case LANE -> {
                List<Value> vectors = new ArrayList<>(args);
                int lane = constant(vectors.remove(1), "lane", place);
                Op op = Op.of(call.op());
                int lanes = op.name().startsWith("i8") ? 16 : op.name().startsWith("i16") ? 8 : 4;
                if (lane < 0 || lane >= lanes) {
                    throw place.problem("lane " + lane + " of a vector of " + lanes);
                }
                yield emitter.emit(op, new Imm.Lane(lane), vectors);
            }
            case SHUFFLE -> shuffle(args, place);
        };
    }

    private Value plain(Op op, List<Value> args) {
        return emitter.emit(op, op.accessBytes() > 0 ? new Imm.Offset(0) : Imm.NONE, args);
    }

    private Value shuffle(List<Value> args, Place place) {
        int lanes = args.size() - 2;
        int size = 16 / lanes;
        List<Integer> bytes = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            int from = constant(args.get(2 + i), "index of a shuffle", place);
            if (from < 0 || from >= 2 * lanes) {
                throw place.problem("a shuffle of two vectors of " + lanes + " lanes has no lane " + from);
            }
            for (int k = 0; k < size; k++) {
                bytes.add(from * size + k);
            }
        }
        return emitter.emit(Op.of("i8x16.shuffle"), new Imm.Bytes(bytes), args.subList(0, 2));
    }

    private int constant(Value value, String what, Place place) {
        return emitter.constantOf(value).orElseThrow(() -> place.problem("the " + what + " must be a constant"));
    }

    /** Methods of Java that are a few instructions. */
    private Value ofJava(String owner, String name, String descriptor, List<Value> args, Place place) {
        if (owner.equals("java/lang/Math") && (descriptor.startsWith("(I") || descriptor.startsWith("(J"))) {
            Value a = args.getFirst();
            Type type = a.type();
            switch (name) {
                case "min", "max" -> {
                    Value b = args.get(1);
                    return emitter.select(emitter.emit(type + (name.equals("min") ? ".lt_s" : ".gt_s"), a, b), a, b);
                }
                case "abs" -> {
                    Value zero = emitter.constant(type, 0);
                    return emitter.select(emitter.emit(type + ".lt_s", a, zero), emitter.emit(type + ".sub", zero, a), a);
                }
                default -> { }
            }
        }
        throw place.problem(owner.replace('/', '.') + "." + name + " is outside what kernels may use: of Java they have Math.min, max, abs, sqrt, floor, ceil and "
            + "rint, Float.floatToRawIntBits and intBitsToFloat, Integer.toUnsignedLong, divideUnsigned, remainderUnsigned and rotateLeft");
    }
}
