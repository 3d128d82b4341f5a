package dev.crema.build.lanes.read;

import dev.crema.build.lanes.ir.Emitter;
import dev.crema.build.lanes.ir.Type;
import dev.crema.build.lanes.ir.Value;
import java.lang.classfile.Instruction;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.ConvertInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.NopInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.util.ArrayList;
import java.util.List;

/** Reads the bytecode between two jumps. */
final class BlockReader {
    /** A comparison of longs or floats whose result the next instruction tests. */
    private record Comparison(Opcode opcode, Value a, Value b) {
    }

    private final Place method;
    private final Emitter emitter;
    private final Frame frame;
    private final CallReader calls;
    private Place place;
    private Comparison comparison;

    BlockReader(Place method, Emitter emitter, Frame frame) {
        this.method = method;
        this.emitter = emitter;
        this.frame = frame;
        this.calls = new CallReader(emitter, frame);
    }

    Frame frame() {
        return frame;
    }

    void read(Instruction instruction, int line) {
        place = method.at(line);
        if (comparison != null) {
            throw place.problem("the result of a comparison of longs or floats is used other than in a condition");
        }
        switch (instruction) {
            case LoadInstruction load -> frame.push(frame.locals().get(load.slot()));
            case StoreInstruction store -> frame.locals().put(store.slot(), frame.pop());
            case IncrementInstruction increment -> frame.locals().put(increment.slot(),
                emitter.emit("i32.add", frame.locals().get(increment.slot()), emitter.constant(increment.constant())));
            case ConstantInstruction constant -> constant(constant);
            case OperatorInstruction operator -> operator(operator.opcode());
            case ConvertInstruction convert -> convert(convert.fromType(), convert.toType());
            case StackInstruction stack -> stack(stack.opcode());
            case InvokeInstruction call -> calls.read(call, place);
            case NopInstruction nop -> { }
            case FieldInstruction field -> throw place.problem("the field " + field.name().stringValue()
                + " is no compile-time constant: kernels have only static final primitives with a constant value");
            default -> throw place.problem(instruction.opcode() + " is outside what kernels may use: no arrays, objects, exceptions or strings");
        }
    }

    private void constant(ConstantInstruction instruction) {
        frame.push(switch (instruction.constantValue()) {
            case Integer number -> emitter.constant(number);
            case Long number -> emitter.constant(Type.I64, number);
            case Float number -> emitter.constant(Type.F32, Float.floatToRawIntBits(number) & 0xffffffffL);
            case Double number -> emitter.constant(Type.F64, Double.doubleToRawLongBits(number));
            default -> throw place.problem("null, strings and classes are outside what kernels may use");
        });
    }

    private void operator(Opcode opcode) {
        switch (opcode) {
            case LCMP, FCMPL, FCMPG, DCMPL, DCMPG -> {
                Value b = frame.pop();
                comparison = new Comparison(opcode, frame.pop(), b);
            }
            case INEG -> negate(Type.I32);
            case LNEG -> negate(Type.I64);
            case FNEG -> frame.push(emitter.emit("f32.neg", frame.pop()));
            case DNEG -> frame.push(emitter.emit("f64.neg", frame.pop()));
            case FREM, DREM -> throw place.problem("% of floats has no instruction in Wasm: subtract a multiple");
            case ARRAYLENGTH -> throw place.problem("arrays are outside what kernels may use: use dev.crema.lanes.Memory");
            default -> binary(opcode.name());
        }
    }

    private void negate(Type type) {
        Value value = frame.pop();
        frame.push(emitter.emit(type + ".sub", emitter.constant(type, 0), value));
    }

    /** @param name the JVM's: a letter for the type, then the operation */
    private void binary(String name) {
        Value b = frame.pop();
        Value a = frame.pop();
        String type = switch (name.charAt(0)) {
            case 'I' -> "i32";
            case 'L' -> "i64";
            case 'F' -> "f32";
            default -> "f64";
        };
        boolean whole = type.startsWith("i");
        String operation = name.substring(1);
        frame.push(switch (operation) {
            case "ADD", "SUB", "MUL", "AND", "OR", "XOR" -> emitter.emit(type + "." + operation.toLowerCase(java.util.Locale.ROOT), a, b);
            case "DIV" -> whole ? divide(type, a, b) : emitter.emit(type + ".div", a, b);
            case "REM" -> emitter.emit(type + ".rem_s", a, b);
            case "SHL" -> emitter.emit(type + ".shl", a, count(type, b));
            case "SHR" -> emitter.emit(type + ".shr_s", a, count(type, b));
            case "USHR" -> emitter.emit(type + ".shr_u", a, count(type, b));
            default -> throw place.problem(name + " is outside what kernels may use");
        });
    }

    private Value count(String type, Value count) {
        return type.equals("i64") ? emitter.emit("i64.extend_i32_u", count) : count;
    }

    /** The least number divided by -1 traps in Wasm, and is itself in Java. */
    private Value divide(String type, Value a, Value b) {
        Type of = a.type();
        Value minus = emitter.emit(type + ".eq", b, emitter.constant(of, -1));
        Value safe = emitter.select(minus, emitter.constant(of, 1), b);
        return emitter.select(minus, emitter.emit(type + ".sub", emitter.constant(of, 0), a), emitter.emit(type + ".div_s", a, safe));
    }

    private void convert(TypeKind from, TypeKind to) {
        Value value = frame.pop();
        String op = switch (to) {
            case BYTE -> "i32.extend8_s";
            case SHORT -> "i32.extend16_s";
            case CHAR -> null;
            case INT -> from == TypeKind.LONG ? "i32.wrap_i64" : "i32.trunc_sat_" + wasm(from) + "_s";
            case LONG -> from == TypeKind.INT ? "i64.extend_i32_s" : "i64.trunc_sat_" + wasm(from) + "_s";
            case FLOAT -> from == TypeKind.DOUBLE ? "f32.demote_f64" : "f32.convert_" + wasm(from) + "_s";
            case DOUBLE -> from == TypeKind.FLOAT ? "f64.promote_f32" : "f64.convert_" + wasm(from) + "_s";
            default -> throw place.problem("a conversion to " + to + " is outside what kernels may use");
        };
        frame.push(op == null ? emitter.emit("i32.and", value, emitter.constant(0xffff)) : emitter.emit(op, value));
    }

    private static String wasm(TypeKind kind) {
        return switch (kind) {
            case LONG -> "i64";
            case FLOAT -> "f32";
            case DOUBLE -> "f64";
            default -> "i32";
        };
    }

    private static boolean wide(Value value) {
        return value.type() == Type.I64 || value.type() == Type.F64;
    }

    private void stack(Opcode opcode) {
        switch (opcode) {
            case POP -> frame.pop();
            case POP2 -> take(2);
            case DUP -> duplicate(1, 0);
            case DUP_X1 -> duplicate(1, 1);
            case DUP_X2 -> duplicate(1, 2);
            case DUP2 -> duplicate(2, 0);
            case DUP2_X1 -> duplicate(2, 1);
            case DUP2_X2 -> duplicate(2, 2);
            default -> {
                Value top = frame.pop();
                Value below = frame.pop();
                frame.push(top);
                frame.push(below);
            }
        }
    }

    private void duplicate(int slots, int under) {
        List<Value> top = take(slots);
        List<Value> below = take(under);
        frame.stack().addAll(top);
        frame.stack().addAll(below);
        frame.stack().addAll(top);
    }

    /** Pops entries of so many slots together; the top comes last. */
    private List<Value> take(int slots) {
        List<Value> taken = new ArrayList<>();
        for (int left = slots; left > 0;) {
            Value value = frame.pop();
            taken.addFirst(value);
            left -= wide(value) ? 2 : 1;
        }
        return taken;
    }

    /** Pops what a conditional jump tests; null for one without a condition. */
    Value condition(Opcode opcode, int line) {
        place = method.at(line);
        if (opcode == Opcode.GOTO || opcode == Opcode.GOTO_W) {
            return null;
        }
        if (comparison != null) {
            return compared(opcode);
        }
        Value b = opcode.name().startsWith("IF_ICMP") ? frame.pop() : null;
        return switch (opcode) {
            case IFEQ -> emitter.emit("i32.eqz", frame.pop());
            case IFNE, IFLT, IFGE, IFGT, IFLE -> emitter.emit("i32." + signed(opcode.name().substring(2)), frame.pop(), emitter.constant(0));
            case IF_ICMPEQ, IF_ICMPNE, IF_ICMPLT, IF_ICMPGE, IF_ICMPGT, IF_ICMPLE -> emitter.emit("i32." + signed(opcode.name().substring(7)), frame.pop(), b);
            default -> throw place.problem(opcode + " compares objects, which kernels do not have");
        };
    }

    private static String signed(String test) {
        String name = test.toLowerCase(java.util.Locale.ROOT);
        return test.equals("EQ") || test.equals("NE") ? name : name + "_s";
    }

    /** With NaN, FCMPL gives -1 and FCMPG 1: some tests are true for it, and are then written as the opposite of their opposite. */
    private Value compared(Opcode opcode) {
        Comparison of = comparison;
        comparison = null;
        String test = opcode.name().substring(2);
        if (of.opcode() == Opcode.LCMP) {
            return emitter.emit("i64." + signed(test), of.a(), of.b());
        }
        String type = of.a().type() + ".";
        boolean less = of.opcode() == Opcode.FCMPL || of.opcode() == Opcode.DCMPL;
        boolean trueForNan = less ? test.equals("LT") || test.equals("LE") : test.equals("GT") || test.equals("GE");
        if (!trueForNan) {
            return emitter.emit(type + test.toLowerCase(java.util.Locale.ROOT), of.a(), of.b());
        }
        String opposite = switch (test) {
            case "LT" -> "ge";
            case "LE" -> "gt";
            case "GT" -> "le";
            default -> "lt";
        };
        return emitter.emit("i32.eqz", emitter.emit(type + opposite, of.a(), of.b()));
    }
}
