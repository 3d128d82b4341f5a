package dev.crema.device;

import dev.crema.graph.Graph;
import dev.crema.graph.Value;

/** Results of a step that is done. {@code values} stand in the order of the graph's outputs. */
record HostStep(Graph graph, float[][] values, int[] tokens, boolean[] wantsLogits) implements Step {
    @Override
    public int[] awaitTokens() {
        return tokens.clone();
    }

    @Override
    public float[] awaitLogits() {
        if (graph.logits() == null) {
            throw new IllegalStateException("the graph " + graph.name() + " has no logits");
        }
        float[] all = awaitValue(graph.logits());
        int vocab = graph.logits().channels();
        int wanted = 0;
        for (boolean wants : wantsLogits) {
            wanted += wants ? 1 : 0;
        }
        float[] rows = new float[wanted * vocab];
        int to = 0;
        for (int row = 0; row < wantsLogits.length; row++) {
            if (wantsLogits[row]) {
                System.arraycopy(all, row * vocab, rows, to, vocab);
                to += vocab;
            }
        }
        return rows;
    }

    @Override
    public float[] awaitValue(Value value) {
        int index = graph.outputs().indexOf(value);
        if (index < 0) {
            throw new IllegalArgumentException("value " + value + " is not an output of the graph " + graph.name());
        }
        return values[index] == null ? toFloats(tokens) : values[index].clone();
    }

    static float[] toFloats(int[] tokens) {
        float[] floats = new float[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            floats[i] = tokens[i];
        }
        return floats;
    }
}
