package dev.crema.web.device;

import dev.crema.device.FlatBatch;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;

import java.util.Arrays;

/** A step that was submitted; {@code tokenSlot} is its place in the ring of sampled tokens, or -1. */
final class WebGpuStep implements Step {
    private final WebGpuExecutable executable;
    private final FlatBatch batch;
    private final int tokenSlot;
    private final long number;
    private int[] tokens;

    WebGpuStep(WebGpuExecutable executable, FlatBatch batch, int tokenSlot, long number) {
        this.executable = executable;
        this.batch = batch;
        this.tokenSlot = tokenSlot;
        this.number = number;
    }

    long number() {
        return number;
    }

    /** Whether any row of logits was asked for. */
    boolean wantsLogits() {
        if (executable.graph().logits() == null) {
            return false;
        }
        for (boolean wants : batch.wantsLogits) {
            if (wants) {
                return true;
            }
        }
        return false;
    }

    int rows(Value value) {
        return Rows.of(value).count(batch.tokens, batch.outputs);
    }

    @Override
    public int[] awaitTokens() {
        if (tokens == null) {
            tokens = tokenSlot < 0 ? unsampled() : executable.awaitTokens(tokenSlot, batch.outputs);
        }
        return tokens.clone();
    }

    private int[] unsampled() {
        int[] none = new int[batch.outputs];
        Arrays.fill(none, -1);
        return none;
    }

    @Override
    public float[] awaitLogits() {
        Graph graph = executable.graph();
        int vocab = graph.logits().channels();
        int first = 0;
        int end = 0;
        int wanted = 0;
        for (int row = 0; row < batch.outputs; row++) {
            if (batch.wantsLogits[row]) {
                first = wanted == 0 ? row : first;
                end = row + 1;
                wanted++;
            }
        }
        float[] range = executable.awaitRows(this, graph.logits(), first, end - first);
        float[] rows = new float[wanted * vocab];
        int to = 0;
        for (int row = first; row < end; row++) {
            if (batch.wantsLogits[row]) {
                System.arraycopy(range, (row - first) * vocab, rows, to, vocab);
                to += vocab;
            }
        }
        return rows;
    }

    @Override
    public float[] awaitValue(Value value) {
        Graph graph = executable.graph();
        if (!graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " is not an output of the graph " + graph.name());
        }
        return value.equals(graph.tokens()) ? toFloats(awaitTokens()) : executable.awaitRows(this, value, 0, rows(value));
    }

    static float[] toFloats(int[] tokens) {
        float[] floats = new float[tokens.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = tokens[i];
        }
        return floats;
    }
}
