package dev.crema.web.device;

import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.KvLayout;
import dev.crema.graph.MemoryPlan;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Float32Array;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All buffers of a compiled graph but its weights. */
final class GraphBuffers {
    /** Bytes of a page of {@link #texts}. */
    static final int TEXT_PAGE_BYTES = 4 * KvPool.PAGE_TOKENS;

    private final Graph graph;
    private final Limits limits;
    private final GpuMemory memory;
    private final GPUQueue queue;
    /** By the names of values, which a graph and its fused form have in common. */
    private final Map<String, GPUBuffer> byName = new HashMap<>();
    private final Map<RopeTable, GPUBuffer> frequencies = new HashMap<>();
    private final Map<String, GPUBuffer> scratch = new HashMap<>();
    /** The KV cache, by layer; see {@link KvRows}. */
    final GPUBuffer[] cache;
    final GPUBuffer batch;
    /** The token in each slot of the KV cache, and how often each lane's text has each token. */
    final GPUBuffer texts;
    final GPUBuffer counts;
    /** Logits of the step before the last that somebody may still read, or null for a graph without any. */
    final GPUBuffer previousLogits;
    /** Stands where a kernel has nothing to bind. */
    final GPUBuffer nothing;

    GraphBuffers(Graph graph, Limits limits, BatchWriter writer, GpuMemory memory, GPUQueue queue) {
        this.graph = graph;
        this.limits = limits;
        this.memory = memory;
        this.queue = queue;
        allocateValues();
        previousLogits = graph.logits() == null ? null : memory.storage("logits.previous", bytes(graph.logits()));
        KvLayout kv = graph.kv();
        int layers = kv == null ? 0 : kv.layers();
        cache = new GPUBuffer[layers];
        for (int layer = 0; layer < layers; layer++) {
            cache[layer] = memory.storage("cache." + layer, kvPageBytes() * limits.kvPages());
        }
        batch = memory.storage("batch", writer.bytes());
        texts = memory.storage("texts", (long) TEXT_PAGE_BYTES * limits.kvPages());
        counts = memory.storage("counts", 4 * writer.lanes().countWords());
        nothing = memory.storage("nothing", 16);
    }

    private void allocateValues() {
        MemoryPlan plan = MemoryPlan.of(graph);
        List<GPUBuffer> slots = new ArrayList<>();
        for (MemoryPlan.Slot slot : plan.slots()) {
            slots.add(memory.storage(graph.name() + "." + slot, 4 * slot.elements(limits.maxTokens(), limits.maxOutputs())));
        }
        for (Value input : graph.inputs()) {
            byName.put(input.name(), slots.get(plan.slotOf(input).index()));
        }
        for (Op op : graph.ops()) {
            byName.put(op.out().name(), slots.get(plan.slotOf(op.out()).index()));
        }
    }

    /** Bytes of a page in one layer. */
    long kvPageBytes() {
        return KvRows.pageBytes(graph.kv(), limits.kvType());
    }

    Limits limits() {
        return limits;
    }

    /** Memory that an op uses and the next one may write over: one buffer for each label and size. */
    GPUBuffer scratch(String label, long bytes) {
        return scratch.computeIfAbsent(label + ' ' + bytes, key -> memory.storage(label, bytes));
    }

    /** Room for so many floats that are set when the graph is compiled. */
    GPUBuffer constants(String label, int elements) {
        return memory.storage(label, 4L * elements);
    }

    /** Stands where a kernel has nothing to write: apart from what stands where it has nothing to read. */
    GPUBuffer unused() {
        return scratch("unused", 16);
    }

    GPUBuffer of(Value value) {
        return byName.get(value.name());
    }

    /** Bytes of the value's buffer: the limit's rows. */
    long bytes(Value value) {
        return rowBytes(value) * Rows.of(value).count(limits.maxTokens(), limits.maxOutputs());
    }

    static long rowBytes(Value value) {
        return value.shape().rank() == 1 ? 4 : 4L * value.channels();
    }

    GPUBuffer frequencies(RopeTable table) {
        return frequencies.computeIfAbsent(table, wanted -> {
            Float32Array data = Float32Array.copyFromJavaArray(wanted.inverseFrequencies());
            GPUBuffer buffer = memory.storage("rope", 4L * data.getLength());
            queue.writeBuffer(buffer, 0, data, 0, data.getLength());
            return buffer;
        });
    }

    /** Rows of {@code width} floats for what is between two kernels of one op: as many as {@code rowsOf} has at most. One buffer a name and size. */
    GPUBuffer scratch(String name, Value rowsOf, int width) {
        return scratch(name, 4L * width * Rows.of(rowsOf).count(limits.maxTokens(), limits.maxOutputs()));
    }

    /** Scratch of so many bytes for each output row. */
    GPUBuffer perOutput(String name, long bytes) {
        return memory.storage(name, bytes * limits.maxOutputs());
    }

    /** Scratch for the lists of experts; see expert_lists.wgsl. */
    GPUBuffer lists(long words) {
        return memory.storage("experts.lists", 4 * words);
    }

    int maxRows(Rows rows) {
        return rows.count(limits.maxTokens(), limits.maxOutputs());
    }

    void free() {
        memory.free();
    }
}
