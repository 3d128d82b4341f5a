package dev.crema.web.wasm;

import dev.crema.device.FlatBatch;
import dev.crema.graph.RopeTable;

/** Cosines and sines of one rope table for the tokens of a batch: [tokens, pairs] each, times the table's magnitude. */
final class Angles {
    final int pairs;
    final int cosines;
    final int sines;
    private final KernelHost host;
    private final RopeTable table;
    private final float[] frequencies;
    private final float[] cos;
    private final float[] sin;

    /** {@code factors} may be null. */
    Angles(KernelHost host, RopeTable table, float[] factors, int maxTokens, Region region) {
        this.host = host;
        this.table = table;
        pairs = table.rotaryDim() / 2;
        cos = new float[maxTokens * pairs];
        sin = new float[maxTokens * pairs];
        cosines = region.take(4L * cos.length, "angles");
        sines = region.take(4L * sin.length, "angles");
        frequencies = table.inverseFrequencies().clone();
        for (int i = 0; factors != null && i < pairs; i++) {
            frequencies[i] /= factors[i];
        }
    }

    void write(FlatBatch batch) {
        for (int t = 0; t < batch.tokens; t++) {
            for (int i = 0; i < pairs; i++) {
                float angle = batch.positions[t] * frequencies[i];
                cos[t * pairs + i] = (float) Math.cos(angle) * table.magnitude();
                sin[t * pairs + i] = (float) Math.sin(angle) * table.magnitude();
            }
        }
        host.writeFloats(cosines, cos, batch.tokens * pairs);
        host.writeFloats(sines, sin, batch.tokens * pairs);
    }
}
