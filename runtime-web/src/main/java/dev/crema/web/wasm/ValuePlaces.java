package dev.crema.web.wasm;

import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.MemoryPlan;
import dev.crema.graph.Value;

/** Where the values of a graph are: one piece of memory a slot of the memory plan. */
final class ValuePlaces {
    private final KernelHost host;
    private final MemoryPlan plan;
    private final Limits limits;
    private final int[] addresses;

    ValuePlaces(KernelHost host, Graph graph, Limits limits, Region region) {
        this.host = host;
        this.limits = limits;
        plan = MemoryPlan.of(graph);
        addresses = new int[plan.slots().size()];
        for (MemoryPlan.Slot slot : plan.slots()) {
            addresses[slot.index()] = region.take(4 * slot.elements(limits.maxTokens(), limits.maxOutputs()), "A batch's " + slot);
        }
    }

    int of(Value value) {
        return addresses[plan.slotOf(value).index()];
    }

    /** Rows that a value has at most. */
    int maxRows(Value value) {
        return plan.slotOf(value).maxRows(limits.maxTokens(), limits.maxOutputs());
    }

    /** Elements of a row; sampled tokens have one. */
    int channels(Value value) {
        return value.shape().rank() == 1 ? 1 : value.channels();
    }

    void write(Value value, float[] data) {
        host.writeFloats(of(value), data, data.length);
    }

    float[] read(Value value, int rows) {
        return host.readFloats(of(value), rows * channels(value));
    }
}
