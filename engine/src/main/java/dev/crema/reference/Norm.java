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

    /** {@code out = (x - mean) / sqrt(variance + eps) * weight + bias} over each row; weight and bias may be null. */
    static void layerNorm(float[] x, float[] weight, float[] bias, float eps, int rows, int channels, float[] out) {
        for (int row = 0; row < rows; row++) {
            layerNormRow(x, row * channels, weight, bias, eps, channels, out);
        }
    }

    private static void layerNormRow(float[] x, int from, float[] weight, float[] bias, float eps, int channels, float[] out) {
        double sum = 0;
        for (int i = 0; i < channels; i++) {
            sum += x[from + i];
        }
        double mean = sum / channels;
        double squares = 0;
        for (int i = 0; i < channels; i++) {
            squares += (x[from + i] - mean) * (x[from + i] - mean);
        }
        double scale = 1 / Math.sqrt(squares / channels + eps);
        for (int i = 0; i < channels; i++) {
            float normed = (float) ((x[from + i] - mean) * scale);
            out[from + i] = normed * (weight == null ? 1 : weight[i]) + (bias == null ? 0 : bias[i]);
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
