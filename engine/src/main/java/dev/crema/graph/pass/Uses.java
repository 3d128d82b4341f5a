package dev.crema.graph.pass;

import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Operands;
import dev.crema.graph.Value;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Who makes and who reads the values of a graph. */
final class Uses {
    private final Graph graph;
    private final Map<Value, Op> makers = new HashMap<>();
    private final Map<Value, List<Op>> readers = new HashMap<>();

    Uses(Graph graph) {
        this.graph = graph;
        for (Op op : graph.ops()) {
            makers.put(op.out(), op);
            for (Value operand : Operands.of(op)) {
                readers.computeIfAbsent(operand, value -> new ArrayList<>()).add(op);
            }
        }
    }

    /** The op that makes the value where it is of this kind and nothing but {@code readers} readings of the value are there; else null. */
    <T extends Op> T only(Class<T> kind, Value value, int readers) {
        Op maker = makers.get(value);
        boolean hidden = !graph.outputs().contains(value) && this.readers.getOrDefault(value, List.of()).size() == readers;
        return hidden && kind.isInstance(maker) ? kind.cast(maker) : null;
    }

    /** The norm of whole rows that makes {@code value} for just so many readings, or null. */
    Op.RmsNorm norm(Value value, int readers) {
        Op.RmsNorm norm = only(Op.RmsNorm.class, value, readers);
        return norm != null && norm.weight().shape().last() == value.channels() ? norm : null;
    }
}
