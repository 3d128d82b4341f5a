package dev.crema.reference;

import dev.crema.graph.Activation;

/** The functions of {@link Activation}. */
public final class Activations {
    private static final double SQRT_2_OVER_PI = 0.7978845608028654;
    /** Where gpt-oss bounds what goes into its experts' gates (its {@code swiglu_limit}). */
    private static final double LIMIT = 7;

    private Activations() { }

    /** In double precision. */
    public static double of(Activation activation, double x) {
        return switch (activation) {
            case SILU -> sigmoided(x, 1);
            case GELU -> x * 0.5 * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
            case QUICK_GELU -> sigmoided(x, 1.702);
            case RELU -> Math.max(x, 0);
            case RELU2 -> Math.max(x, 0) * Math.max(x, 0);
            case TANH -> Math.tanh(x);
            case IDENTITY -> x;
            case LIMITED_QUICK_GELU -> sigmoided(Math.min(x, LIMIT), 1.702);
            case LIMITED_PLUS_ONE -> Math.min(Math.max(x, -LIMIT), LIMIT) + 1;
        };
    }

    /** x * sigmoid(slope * x) */
    private static double sigmoided(double x, double slope) {
        return x / (1 + Math.exp(-slope * x));
    }

    /** The error function to 1.5e-7: formula 7.1.26 of Abramowitz and Stegun. */
    private static double erf(double x) {
        double t = 1 / (1 + 0.3275911 * Math.abs(x));
        double p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        double erf = 1 - p * Math.exp(-x * x);
        return x < 0 ? -erf : erf;
    }
}
