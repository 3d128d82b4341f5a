package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.graph.RopeTable;

/** Cosines and sines of one rope table for the tokens of a batch: [tokens, pairs], times the table's magnitude. */
final class Angles {
    final int pairs;
    final float[] cos;
    final float[] sin;
    private final RopeTable table;
    private final float[] frequencies;
    private FlatBatch prepared;

    /** {@code factors} may be null. */
    Angles(RopeTable table, float[] factors, int maxTokens) {
        this.table = table;
        pairs = table.rotaryDim() / 2;
        cos = new float[maxTokens * pairs];
        sin = new float[maxTokens * pairs];
        frequencies = table.inverseFrequencies().clone();
        for (int i = 0; factors != null && i < pairs; i++) {
            frequencies[i] /= factors[i];
        }
    }

    void prepare(FlatBatch batch) {
        if (batch == prepared) {
            return;
        }
        for (int t = 0; t < batch.tokens; t++) {
            for (int i = 0; i < pairs; i++) {
                float angle = batch.positions[t] * frequencies[i];
                cos[t * pairs + i] = (float) Math.cos(angle) * table.magnitude();
                sin[t * pairs + i] = (float) Math.sin(angle) * table.magnitude();
            }
        }
        prepared = batch;
    }
}
