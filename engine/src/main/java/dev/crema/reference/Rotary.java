package dev.crema.reference;

import dev.crema.graph.RopeTable;

/** Rotary position embedding (arXiv 2104.09864). */
final class Rotary {
    private Rotary() { }

    /** Turns each head's pairs by its token's position: x, out [rows, heads * headDim], factors [rotaryDim / 2] or null. */
    static void rope(float[] x, int headDim, RopeTable table, float[] factors, int[] positions, int rows, int channels, float[] out) {
        for (int row = 0; row < rows; row++) {
            ropeRow(x, row * channels, channels, headDim, table, factors, positions[row], out);
        }
    }

    private static void ropeRow(float[] x, int from, int channels, int headDim, RopeTable table, float[] factors, int position, float[] out) {
        int pairs = table.rotaryDim() / 2;
        System.arraycopy(x, from, out, from, channels);
        for (int i = 0; i < pairs; i++) {
            float frequency = table.inverseFrequencies()[i];
            float angle = position * (factors == null ? frequency : frequency / factors[i]);
            float cos = (float) Math.cos(angle) * table.magnitude();
            float sin = (float) Math.sin(angle) * table.magnitude();
            int first = table.interleaved() ? 2 * i : i;
            int second = table.interleaved() ? 2 * i + 1 : i + pairs;
            for (int head = from; head < from + channels; head += headDim) {
                float a = x[head + first];
                float b = x[head + second];
                out[head + first] = a * cos - b * sin;
                out[head + second] = a * sin + b * cos;
            }
        }
    }
}
