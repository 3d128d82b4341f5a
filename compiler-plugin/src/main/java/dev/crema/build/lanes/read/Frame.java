package dev.crema.build.lanes.read;

import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.lang.classfile.attribute.StackMapFrameInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.ObjectVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.SimpleVerificationTypeInfo;
import java.lang.classfile.attribute.StackMapFrameInfo.VerificationTypeInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JVM's locals (by slot) and operand stack, as values. A long or double is one entry of the stack. */
record Frame(TreeMap<Integer, Value> locals, ArrayList<Value> stack) {
    Frame() {
        this(new TreeMap<>(), new ArrayList<>());
    }

    Frame copy() {
        return new Frame(new TreeMap<>(locals), new ArrayList<>(stack));
    }

    void push(Value value) {
        stack.add(value);
    }

    Value pop() {
        return stack.removeLast();
    }

    /** Types of the locals by slot that a stack map frame promises at a place where flow joins. */
    static Map<Integer, Type> localTypes(StackMapFrameInfo info, Place place) {
        Map<Integer, Type> types = new LinkedHashMap<>();
        int slot = 0;
        for (VerificationTypeInfo local : info.locals()) {
            if (local != SimpleVerificationTypeInfo.TOP) {
                types.put(slot, type(local, place));
            }
            slot += local == SimpleVerificationTypeInfo.LONG || local == SimpleVerificationTypeInfo.DOUBLE ? 2 : 1;
        }
        return types;
    }

    static List<Type> stackTypes(StackMapFrameInfo info, Place place) {
        return info.stack().stream().map((VerificationTypeInfo entry) -> type(entry, place)).toList();
    }

    private static Type type(VerificationTypeInfo info, Place place) {
        return switch (info) {
            case SimpleVerificationTypeInfo.INTEGER -> Type.I32;
            case SimpleVerificationTypeInfo.LONG -> Type.I64;
            case SimpleVerificationTypeInfo.FLOAT -> Type.F32;
            case SimpleVerificationTypeInfo.DOUBLE -> Type.F64;
            case ObjectVerificationTypeInfo object when LaneTypes.isVector(object.className().asInternalName()) -> Type.V128;
            case ObjectVerificationTypeInfo object -> throw place.problem("a kernel has no objects, and here is one of "
                + object.className().asInternalName().replace('/', '.') + ": use the types of dev.crema.lanes and primitives");
            default -> throw place.problem("null and objects are outside what kernels may use");
        };
    }
}
