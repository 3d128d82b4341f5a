package dev.crema.web.device;

import dev.crema.graph.Value;
import dev.crema.tensor.Shape;

/** What the rows of a value are; {@code word} is where the batch's header counts them. */
enum Rows {
    TOKENS(BatchWriter.TOKENS),
    OUTPUTS(BatchWriter.OUTPUTS);

    final int word;

    Rows(int word) {
        this.word = word;
    }

    static Rows of(Value value) {
        return value.shape().extent(0) == Shape.TOKENS ? TOKENS : OUTPUTS;
    }

    int count(StepSize size) {
        return count(size.tokens(), size.outputs());
    }

    int count(int tokens, int outputs) {
        return this == TOKENS ? tokens : outputs;
    }
}
