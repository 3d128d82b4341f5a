package dev.crema.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;
import dev.crema.graph.MemoryPlan;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.tensor.Shape;

import java.util.Arrays;

/** The values of a graph in Java arrays, for devices that compute on the host: one array a slot of the memory plan. */
public final class HostBuffers {
    private final Graph graph;
    private final MemoryPlan plan;
    /** By slot of the plan. */
    private final float[][] buffers;
    /** Sampled tokens, the only integers. */
    private final int[] tokens;

    public HostBuffers(Graph graph, Limits limits) {
        this.graph = graph;
        plan = MemoryPlan.of(graph);
        tokens = new int[limits.maxOutputs()];
        buffers = new float[plan.slots().size()][];
        for (MemoryPlan.Slot slot : plan.slots()) {
            buffers[slot.index()] = new float[arraySize(slot.elements(limits.maxTokens(), limits.maxOutputs()), "a batch's " + slot)];
        }
    }

    /** {@code elements} as the length of a Java array; OUT_OF_MEMORY where no array is that long. */
    public static int arraySize(long elements, String what) {
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, elements + " elements for " + what + " are more than one Java array holds.",
                "Load the model with smaller batches or a smaller cache, or choose another device.");
        }
        return (int) elements;
    }

    /** Tokens that the graph's embedding knows; unbounded where it has none. */
    public static int vocabSize(Graph graph) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Embed embed && embed.index().kind() == Op.Index.Kind.TOKEN) {
                return embed.table().shape().extent(0);
            }
        }
        return Integer.MAX_VALUE;
    }

    /** The array that holds {@code value}, row after row. */
    public float[] of(Value value) {
        return buffers[plan.slotOf(value).index()];
    }

    public int[] tokens() {
        return tokens;
    }

    /** Rows of {@code value} in this batch. */
    public static int rows(Value value, FlatBatch batch) {
        return value.shape().extent(0) == Shape.TOKENS ? batch.tokens : batch.outputs;
    }

    /** {@link Executable#write}. */
    public void write(Value value, float[] data) {
        requireHostValue(value);
        boolean isTokens = value.equals(graph.tokens());
        int channels = isTokens ? 1 : value.channels();
        int capacity = isTokens ? tokens.length : of(value).length;
        if (data.length > capacity || data.length % channels != 0) {
            throw new IllegalArgumentException(data.length + " elements do not fit value " + value + " (" + value.name() + ") " + value.shape());
        }
        if (!isTokens) {
            System.arraycopy(data, 0, of(value), 0, data.length);
            return;
        }
        for (int i = 0; i < data.length; i++) {
            tokens[i] = (int) data[i];
        }
    }

    /** {@link Executable#awaitRead}. */
    public float[] read(Value value) {
        requireHostValue(value);
        if (value.equals(graph.tokens())) {
            return HostStep.toFloats(tokens);
        }
        return Arrays.copyOf(of(value), of(value).length / value.channels() * value.channels());
    }

    private void requireHostValue(Value value) {
        if (!graph.inputs().contains(value) && !graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " (" + value.name() + ") is neither an input nor an output of the graph");
        }
    }

    /** Copies what a step made, because the next one writes the same buffers. */
    public Step snapshot(FlatBatch batch) {
        float[][] values = new float[graph.outputs().size()][];
        for (int i = 0; i < values.length; i++) {
            Value value = graph.outputs().get(i);
            if (!value.equals(graph.tokens())) {
                values[i] = Arrays.copyOf(of(value), rows(value, batch) * value.channels());
            }
        }
        return new HostStep(graph, values, Arrays.copyOf(tokens, batch.outputs), batch.wantsLogits);
    }
}
