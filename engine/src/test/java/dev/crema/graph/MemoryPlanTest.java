package dev.crema.graph;

import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MemoryPlanTest {
    @Test
    void noValueIsOverwrittenBeforeItsLastUse() {
        for (int seed = 0; seed < 500; seed++) {
            Graph graph = TestGraphs.random(new Random(seed));
            replay(graph, "seed " + seed + "\n" + graph);
        }
        replay(TestGraphs.llama(), "llama");
    }

    /** Runs the graph with slots that hold the id of the value last written to them: every read must find its own. */
    private static void replay(Graph graph, String what) {
        MemoryPlan plan = MemoryPlan.of(graph);
        int[] held = new int[plan.slots().size()];
        for (Value input : graph.inputs()) {
            held[plan.slotOf(input).index()] = input.id();
        }
        for (Op op : graph.ops()) {
            for (Value operand : Operands.of(op)) {
                assertEquals(operand.id(), held[plan.slotOf(operand).index()], what);
                assertNotEquals(plan.slotOf(operand).index(), plan.slotOf(op.out()).index(), what);
            }
            MemoryPlan.Slot slot = plan.slotOf(op.out());
            assertEquals(op.out().shape().extent(0), slot.rows(), what);
            assertEquals(op.out().dtype(), slot.dtype(), what);
            assertTrue(slot.channels() >= (op.out().shape().rank() == 1 ? 1 : op.out().channels()), what);
            held[slot.index()] = op.out().id();
        }
        var kept = new ArrayList<>(graph.inputs());
        kept.addAll(graph.outputs());
        for (Value value : kept) {
            assertEquals(value.id(), held[plan.slotOf(value).index()], what);
            for (Value other : values(graph)) {
                assertTrue(other.equals(value) || plan.slotOf(other).index() != plan.slotOf(value).index(), what + value + " shares with " + other);
            }
        }
    }

    private static List<Value> values(Graph graph) {
        var values = new ArrayList<>(graph.inputs());
        graph.ops().forEach(op -> values.add(op.out()));
        return values;
    }

    @Test
    void planOfALlamaIsTheGolden() throws IOException {
        Goldens.check("graphs/small_llama_plan.txt", MemoryPlan.of(TestGraphs.llama()).toString());
    }

    @Test
    void bytesAddUpTheSlotsOfALimit() {
        var g = new GraphBuilder("g");
        Value x = g.input("x", Shape.of(Shape.TOKENS, 5));
        g.output(g.selectRows("y", x));
        MemoryPlan plan = MemoryPlan.of(g.build());
        assertEquals(4 * (7 * 5 + 3 * 5), plan.bytes(7, 3));
    }
}
