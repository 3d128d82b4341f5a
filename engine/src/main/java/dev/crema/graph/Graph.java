package dev.crema.graph;

import java.util.List;

/**
 * A model as straight-line code: ops in order, each value defined once before it is read. Made by {@link GraphBuilder}, checked by
 * {@link Verifier}. See the package's documentation for the whole of the IR.
 *
 * @param inputs  values that the host writes before a step (empty for a text model: tokens and positions come with the batch)
 * @param outputs values that stay readable after a step, logits among them
 * @param logits  [outputs, vocab], or null
 * @param tokens  what {@link Op.Sample} makes of the logits, or null
 * @param kv      what the attention ops keep of a token, or null where there is none
 */
public record Graph(String name, List<Value> inputs, List<Op> ops, List<Value> outputs, Value logits, Value tokens, KvLayout kv) {
    public Graph {
        inputs = List.copyOf(inputs);
        ops = List.copyOf(ops);
        outputs = List.copyOf(outputs);
    }

    /** The number of values; ids are 0 .. size-1. */
    public int size() {
        return inputs.size() + ops.size();
    }

    /** The golden text, one op a line; see {@link GraphText}. */
    @Override
    public String toString() {
        return GraphText.of(this);
    }
}
