package dev.crema.quant;

/**
 * Scale and minimum of {@code x = scale * q + minimum}, {@code q} from 0 to {@code top}: of the extremes, by a search, or by {@link NeUqi}. For quants
 * that stay as they are the best pair solves two linear equations. The result is in the fields. Not thread-safe.
 */
final class AffineFit {
    /** Roundings tried, from some finer than the extremes give to some coarser, in tenths of a level. */
    private static final int FINER = -18;
    private static final int COARSER = 18;

    final int top;
    float scale;
    float minimum;

    private final Rounding rounding;
    /** Whether the format subtracts an unsigned minimum, so that it can't be above 0. */
    private final boolean atMostZero;
    private NeUqi neUqi;
    private float solvedScale;
    private float solvedMinimum;

    AffineFit(int top, Rounding rounding, boolean atMostZero) {
        this.top = top;
        this.rounding = rounding;
        this.atMostZero = atMostZero;
    }

    void fit(float[] x, float[] w, int from, int count) {
        float least = x[from];
        float largest = x[from];
        for (int i = from; i < from + count; i++) {
            least = Math.min(least, x[i]);
            largest = Math.max(largest, x[i]);
        }
        minimum = atMostZero ? Math.min(0, least) : least;
        scale = (largest - minimum) / top;
        if (!(scale > 0)) {
            scale = 0;
            return;
        }
        if (rounding != Rounding.PLAIN) {
            search(x, w, from, count, largest);
        }
        if (rounding == Rounding.NEUQI) {
            neUqi(x, w, from, count, least, largest);
        }
    }

    private void search(float[] x, float[] w, int from, int count, float largest) {
        float least = minimum;
        double leastError = error(x, w, from, count, scale, minimum);
        for (int i = FINER; i <= COARSER; i++) {
            float inverse = (top + 0.1f * i) / (largest - least);
            if (inverse > 0 && solve(x, w, from, count, inverse, least)) {
                leastError = keepBetter(x, w, from, count, leastError);
                // Once more from there: the quants that are nearest now, and the best pair for them.
                if (solvedScale > 0 && solve(x, w, from, count, 1 / solvedScale, solvedMinimum)) {
                    leastError = keepBetter(x, w, from, count, leastError);
                }
            }
        }
    }

    private double keepBetter(float[] x, float[] w, int from, int count, double leastError) {
        double error = error(x, w, from, count, solvedScale, solvedMinimum);
        if (error < leastError) {
            scale = solvedScale;
            minimum = solvedMinimum;
            return error;
        }
        return leastError;
    }

    private void neUqi(float[] x, float[] w, int from, int count, float least, float largest) {
        if (neUqi == null) {
            neUqi = new NeUqi(top);
        }
        neUqi.fit(x, w, from, count, least, largest);
        double searched = error(x, w, from, count, scale, minimum);
        if (neUqi.scale > 0 && !(atMostZero && neUqi.minimum > 0) && solve(x, w, from, count, 1 / neUqi.scale, neUqi.minimum)) {
            keepBetter(x, w, from, count, searched);
        }
    }

    /** The best pair for the quants that these round to; false where there is none. */
    private boolean solve(float[] x, float[] w, int from, int count, float inverse, float base) {
        double sumW = 0;
        double sumQ = 0;
        double sumQQ = 0;
        double sumX = 0;
        double sumXQ = 0;
        for (int i = from; i < from + count; i++) {
            double weight = w[i];
            int q = nearest(x[i], inverse, base);
            sumW += weight;
            sumQ += weight * q;
            sumQQ += weight * q * q;
            sumX += weight * x[i];
            sumXQ += weight * x[i] * q;
        }
        double determinant = sumW * sumQQ - sumQ * sumQ;
        if (!(determinant > 0)) {
            return false;
        }
        solvedScale = (float) ((sumW * sumXQ - sumX * sumQ) / determinant);
        solvedMinimum = (float) ((sumQQ * sumX - sumQ * sumXQ) / determinant);
        if (atMostZero && solvedMinimum > 0) {
            solvedMinimum = 0;
            solvedScale = (float) (sumXQ / sumQQ);
        }
        return solvedScale > 0;
    }

    /** The quant nearest to {@code x}; {@code inverse} is of the scale. */
    int nearest(float x, float inverse, float base) {
        float q = (x - base) * inverse;
        return !(q > 0) ? 0 : q >= top ? top : (int) (q + 0.5f);
    }

    /** The weighted square error of the elements rounded with this pair. */
    double error(float[] x, float[] w, int from, int count, float withScale, float withMinimum) {
        float inverse = withScale == 0 ? 0 : 1 / withScale;
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            double rest = x[i] - (withScale * nearest(x[i], inverse, withMinimum) + withMinimum);
            sum += w[i] * rest * rest;
        }
        return sum;
    }
}
