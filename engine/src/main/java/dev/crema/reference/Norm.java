package dev.crema.reference;

/** Normalisation. */
final class Norm {
    private Norm() { }

    /** {@code out = x / sqrt(mean(x^2) + eps) * weight} over each of {@code groups} runs of {@code weight.length} channels. */
    static void rmsNorm(float[] x, float[] weight, float eps, int groups, float[] out) {
        for (int group = 0; group < groups; group++) {
            rmsNormGroup(x, group * weight.length, weight, eps, out);
        }
    }

    private static void rmsNormGroup(float[] x, int from, float[] weight, float eps, float[] out) {
        double squares = 0;
        for (int i = 0; i < weight.length; i++) {
            squares += (double) x[from + i] * x[from + i];
        }
        float scale = (float) (1 / Math.sqrt(squares / weight.length + eps));
        for (int i = 0; i < weight.length; i++) {
            out[from + i] = x[from + i] * scale * weight[i];
        }
    }
}
