package dev.crema.reference;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.MemoryPlan;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.sampling.Sampler;
import dev.crema.tensor.Shape;

import java.util.Arrays;

/** Runs a graph op by op; a switch says which loop belongs to which op. */
final class ReferenceExecutable implements Executable {
    private final ReferenceDevice device;
    private final Graph graph;
    private final Limits limits;
    private final MemoryPlan plan;
    private final KvCache cache;
    private final KvPool pool;
    private final int vocabSize;
    /** By slot of the plan. Sampled tokens, the only integers, have their own. */
    private final float[][] buffers;
    private final int[] tokens;
    private final float[] scores;
    private final Sampler sampler = new Sampler();
    private boolean closed;

    ReferenceExecutable(ReferenceDevice device, Graph graph, Limits limits) {
        this.device = device;
        this.graph = graph;
        this.limits = limits;
        plan = MemoryPlan.of(graph);
        cache = new KvCache(graph.kv(), limits.kvPages());
        pool = new KvPool(limits.kvPages(), cache::copyPage);
        vocabSize = vocabSize(graph);
        tokens = new int[limits.maxOutputs()];
        scores = new float[limits.contextLength()];
        buffers = new float[plan.slots().size()][];
        for (MemoryPlan.Slot slot : plan.slots()) {
            buffers[slot.index()] = new float[size(slot.elements(limits.maxTokens(), limits.maxOutputs()), slot)];
        }
    }

    private static int size(long elements, MemoryPlan.Slot slot) {
        if (elements > Integer.MAX_VALUE - 8) {
            throw new CremaException(ErrorCode.OUT_OF_MEMORY, "A batch needs " + elements + " elements for " + slot
                + ", more than one Java array holds.", "Load the model with smaller batches.");
        }
        return (int) elements;
    }

    private static int vocabSize(Graph graph) {
        for (Op op : graph.ops()) {
            if (op instanceof Op.Embed embed) {
                return embed.table().shape().extent(0);
            }
        }
        return Integer.MAX_VALUE;
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public KvPool kvPool() {
        return pool;
    }

    @Override
    public void write(Value value, float[] data) {
        checkOpen();
        requireHostValue(value);
        if (value.equals(graph.tokens())) {
            require(data.length <= tokens.length, value, data.length);
            for (int i = 0; i < data.length; i++) {
                tokens[i] = (int) data[i];
            }
            return;
        }
        float[] buffer = buffer(value);
        require(data.length <= buffer.length && data.length % value.channels() == 0, value, data.length);
        System.arraycopy(data, 0, buffer, 0, data.length);
    }

    @Override
    public float[] awaitRead(Value value) {
        checkOpen();
        requireHostValue(value);
        return value.equals(graph.tokens()) ? ReferenceStep.toFloats(tokens) : buffer(value).clone();
    }

    private void requireHostValue(Value value) {
        if (!graph.inputs().contains(value) && !graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " (" + value.name() + ") is neither an input nor an output of the graph");
        }
    }

    private static void require(boolean holds, Value value, int length) {
        if (!holds) {
            throw new IllegalArgumentException(length + " elements do not fit value " + value + " (" + value.name() + ") " + value.shape());
        }
    }

    @Override
    public Step submit(Batch batch) {
        checkOpen();
        FlatBatch flat = FlatBatch.of(batch, limits, pool, vocabSize);
        for (Op op : graph.ops()) {
            run(op, flat);
        }
        return snapshot(flat);
    }

    private void run(Op op, FlatBatch batch) {
        float[] out = buffer(op.out());
        int rows = rows(op.out(), batch);
        switch (op) {
            case Op.Embed embed -> Rows.embed(device.contents(embed.table()), batch.tokenIds, rows, embed.out().channels(), out);
            case Op.RmsNorm norm -> {
                float[] weight = device.contents(norm.weight());
                Norm.rmsNorm(buffer(norm.x()), weight, norm.eps(), rows * norm.x().channels() / weight.length, out);
            }
            case Op.MatMul matMul -> Linear.matMul(buffer(matMul.x()), device.contents(matMul.weight()), device.contents(matMul.bias()), rows,
                matMul.x().channels(), matMul.out().channels(), out);
            case Op.Rope rope -> Rotary.rope(buffer(rope.x()), rope.headDim(), rope.table(), device.contents(rope.factors()), batch.positions, rows,
                rope.x().channels(), out);
            case Op.Attention attention -> {
                float[] keys = cache.keys[attention.layer()];
                float[] values = cache.values[attention.layer()];
                SelfAttention.append(buffer(attention.k()), buffer(attention.v()), batch, attention.k().channels(), keys, values);
                SelfAttention.attend(attention, buffer(attention.q()), batch, keys, values, scores, out);
            }
            case Op.Gated gated -> Pointwise.gated(buffer(gated.gate()), buffer(gated.up()), gated.activation(), rows * gated.out().channels(), out);
            case Op.Add add -> Pointwise.add(buffer(add.a()), buffer(add.b()), rows * add.out().channels(), out);
            case Op.SelectRows select -> Rows.select(buffer(select.x()), batch.outputTokens, rows, select.out().channels(), out);
            case Op.Sample sample -> sample(sample, batch);
        }
    }

    private void sample(Op.Sample op, FlatBatch batch) {
        float[] logits = buffer(op.logits());
        int vocab = op.logits().channels();
        for (int row = 0; row < batch.outputs; row++) {
            tokens[row] = batch.samples[row] == null ? -1
                : sampler.sample(logits, row * vocab, vocab, batch.samples[row], batch.outputPositions[row]);
        }
    }

    /** Copies what the step made, because the next one writes the same buffers. */
    private Step snapshot(FlatBatch batch) {
        float[][] values = new float[graph.outputs().size()][];
        for (int i = 0; i < values.length; i++) {
            Value value = graph.outputs().get(i);
            values[i] = value.equals(graph.tokens()) ? null : Arrays.copyOf(buffer(value), rows(value, batch) * value.channels());
        }
        return new ReferenceStep(graph, values, Arrays.copyOf(tokens, batch.outputs), batch.wantsLogits);
    }

    private float[] buffer(Value value) {
        return buffers[plan.slotOf(value).index()];
    }

    private static int rows(Value value, FlatBatch batch) {
        return value.shape().extent(0) == Shape.TOKENS ? batch.tokens : batch.outputs;
    }

    private void checkOpen() {
        device.checkOpen();
        if (closed) {
            throw new CremaException(ErrorCode.CLOSED, "The executable is closed.", "");
        }
    }

    @Override
    public void close() {
        closed = true;
        Arrays.fill(buffers, null);
        device.forget(this);
    }
}
