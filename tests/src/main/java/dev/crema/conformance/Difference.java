package dev.crema.conformance;

import dev.crema.graph.Value;

/** How far {@code found} is from {@code expected}: the largest difference and the normalised mean squared error. */
public record Difference(double nmse, double largest, int at) {
    public static final Difference NONE = new Difference(0, 0, -1);

    public static Difference of(float[] expected, float[] found, int length) {
        double squares = 0;
        double errors = 0;
        double largest = 0;
        int at = -1;
        for (int i = 0; i < length; i++) {
            double error = Math.abs((double) found[i] - expected[i]);
            if (found[i] != found[i] || error == Double.POSITIVE_INFINITY) {
                error = found[i] == expected[i] || expected[i] != expected[i] && found[i] != found[i] ? 0 : Double.MAX_VALUE;
            }
            if (expected[i] - expected[i] == 0) {
                squares += (double) expected[i] * expected[i];
            }
            errors += error * error;
            if (error > largest) {
                largest = error;
                at = i;
            }
        }
        if (errors == 0) {
            return NONE;
        }
        double mean = Math.max(squares / length, 1e-30);
        return new Difference(errors / Math.max(squares, 1e-30), largest / Math.sqrt(mean), at);
    }

    Difference orWorse(Difference other) {
        return other.nmse > nmse || other.nmse == nmse && other.largest > largest ? other : this;
    }

    /** Compares the rows of {@code value} and throws where the tolerance does not cover the difference. */
    static Difference check(Value value, float[] expected, float[] found, int length, Tolerance tolerance, String where) {
        Mismatch.require(found.length >= length, where + ": " + value.name() + " has " + found.length + " elements, expected " + length);
        Difference difference = of(expected, found, length);
        if (!(difference.nmse <= tolerance.nmse() && difference.largest <= tolerance.largest())) {
            int channels = value.shape().rank() == 1 ? 1 : value.channels();
            throw new Mismatch(where + ": " + value.name() + " has nmse " + difference.nmse + " (at most " + tolerance.nmse()
                + "), the largest difference is " + difference.largest + " of the mean (at most " + tolerance.largest() + "), at row "
                + difference.at / channels + ", channel " + difference.at % channels + ": expected " + expected[difference.at] + ", found "
                + found[difference.at]);
        }
        return difference;
    }
}
