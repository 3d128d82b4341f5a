package dev.crema.graph;

import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each value of a graph lives: values whose lifetimes do not overlap share a slot. A slot is one buffer of a device, as many
 * rows as the limits allow. Inputs and outputs have slots of their own, because the host writes and reads them between steps; no op
 * writes the slot that it reads, so an op never needs to work in place.
 */
public final class MemoryPlan {
    /** Values of one slot agree in dtype and kind of rows; {@code channels} is the widest of them. */
    public record Slot(int index, DType dtype, int rows, int channels) {
        /** Rows that the slot has room for. {@link #rows} is {@link Shape#TOKENS} or {@link Shape#OUTPUTS}. */
        public int maxRows(int maxTokens, int maxOutputs) {
            return rows == Shape.TOKENS ? maxTokens : maxOutputs;
        }

        public long elements(int maxTokens, int maxOutputs) {
            return (long) maxRows(maxTokens, maxOutputs) * channels;
        }

        @Override
        public String toString() {
            return "slot " + index + ' ' + (dtype + "").toLowerCase() + (rows == Shape.TOKENS ? "[tokens," : "[outputs,") + channels + ']';
        }
    }

    private final Graph graph;
    private final List<Slot> slots = new ArrayList<>();
    private final List<Slot> free = new ArrayList<>();
    private final int[] slotOf;
    private final int[] lastUse;

    private MemoryPlan(Graph graph) {
        this.graph = graph;
        slotOf = new int[graph.size()];
        lastUse = new int[graph.size()];
    }

    public static MemoryPlan of(Graph graph) {
        var plan = new MemoryPlan(graph);
        plan.findLastUses();
        plan.assign();
        return plan;
    }

    public List<Slot> slots() {
        return List.copyOf(slots);
    }

    public Slot slotOf(Value value) {
        return slots.get(slotOf[value.id()]);
    }

    /** Index of the last op that reads the value; the op that makes it where nobody does, and past the end for what the host reads. */
    public int lastUse(Value value) {
        return lastUse[value.id()];
    }

    /** Bytes of all slots. */
    public long bytes(int maxTokens, int maxOutputs) {
        long sum = 0;
        for (Slot slot : slots) {
            sum += slot.dtype().bytes(slot.elements(maxTokens, maxOutputs));
        }
        return sum;
    }

    private void findLastUses() {
        for (int i = 0; i < graph.ops().size(); i++) {
            Op op = graph.ops().get(i);
            lastUse[op.out().id()] = i;
            for (Value operand : Operands.of(op)) {
                lastUse[operand.id()] = i;
            }
        }
        for (Value value : graph.inputs()) {
            lastUse[value.id()] = graph.ops().size();
        }
        for (Value value : graph.outputs()) {
            lastUse[value.id()] = graph.ops().size();
        }
    }

    private void assign() {
        for (Value input : graph.inputs()) {
            slotOf[input.id()] = newSlot(input);
        }
        for (int i = 0; i < graph.ops().size(); i++) {
            Op op = graph.ops().get(i);
            boolean keptForHost = lastUse[op.out().id()] == graph.ops().size();
            slotOf[op.out().id()] = keptForHost ? newSlot(op.out()) : reuse(op.out());
            // Freed only now, so that the op's own result went elsewhere.
            release(op.out(), i);
            List<Value> operands = Operands.of(op);
            for (int j = 0; j < operands.size(); j++) {
                if (operands.indexOf(operands.get(j)) == j) {
                    release(operands.get(j), i);
                }
            }
        }
    }

    private void release(Value value, int op) {
        if (lastUse[value.id()] == op) {
            free.add(slots.get(slotOf[value.id()]));
        }
    }

    /** The free slot that wastes least: the narrowest that is wide enough, else the widest, which is widened. */
    private int reuse(Value value) {
        Slot best = null;
        for (Slot slot : free) {
            if (slot.dtype() == value.dtype() && slot.rows() == value.shape().extent(0) && (best == null || fits(slot, best, channels(value)))) {
                best = slot;
            }
        }
        if (best == null) {
            return newSlot(value);
        }
        free.remove(best);
        slots.set(best.index(), new Slot(best.index(), best.dtype(), best.rows(), Math.max(best.channels(), channels(value))));
        return best.index();
    }

    private static boolean fits(Slot slot, Slot best, int channels) {
        if (slot.channels() >= channels) {
            return best.channels() < channels || slot.channels() < best.channels();
        }
        return slot.channels() > best.channels();
    }

    private int newSlot(Value value) {
        slots.add(new Slot(slots.size(), value.dtype(), value.shape().extent(0), channels(value)));
        return slots.size() - 1;
    }

    /** Sampled tokens have one element a row. */
    private static int channels(Value value) {
        return value.shape().rank() == 1 ? 1 : value.channels();
    }

    /** One slot a line with the values that live there, in order. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Slot slot : slots) {
            text.append(slot).append(':');
            for (Value input : graph.inputs()) {
                appendIfIn(slot, input, text);
            }
            for (Op op : graph.ops()) {
                appendIfIn(slot, op.out(), text);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private void appendIfIn(Slot slot, Value value, StringBuilder text) {
        if (slotOf[value.id()] == slot.index()) {
            text.append(' ').append(value);
        }
    }
}
