package dev.crema.web.wasm;

import dev.crema.device.FlatBatch;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;

/** A step that is done. Values are read when they are asked for. */
record WasmStep(WasmExecutable executable, Graph graph, FlatBatch batch, int[] tokens, float[] logits) implements Step {
    @Override
    public int[] awaitTokens() {
        return tokens.clone();
    }

    @Override
    public float[] awaitLogits() {
        if (graph.logits() == null) {
            throw new IllegalStateException("the graph " + graph.name() + " has no logits");
        }
        return logits.clone();
    }

    @Override
    public float[] awaitValue(Value value) {
        if (!graph.outputs().contains(value)) {
            throw new IllegalArgumentException("value " + value + " is not an output of the graph " + graph.name());
        }
        return executable.value(this, value);
    }
}
