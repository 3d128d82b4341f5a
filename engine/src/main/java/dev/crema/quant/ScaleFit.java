package dev.crema.quant;

/**
 * The scale of {@code x = scale * level}: from the largest element, or by a search with the least {@code sum(weight * (x - scale * level)^2)}. For
 * quants that stay as they are, the best scale is {@code sum(w x l) / sum(w l^2)}, so the search needs only try roundings. Not thread-safe.
 */
final class ScaleFit {
    /** Roundings tried to each side of both ends, a tenth of a level apart. */
    private static final int REACH = 12;

    private final Levels levels;
    private final boolean search;

    ScaleFit(Levels levels, boolean search) {
        this.levels = levels;
        this.search = search;
    }

    /** The scale for {@code x[from .. from + count)} with the weights {@code w} at the same places; 0 where all elements are 0. */
    float fit(float[] x, float[] w, int from, int count) {
        float extreme = 0;
        for (int i = from; i < from + count; i++) {
            extreme = Math.abs(x[i]) > Math.abs(extreme) ? x[i] : extreme;
        }
        if (extreme == 0) {
            return 0;
        }
        float end = -levels.low() >= levels.high() ? levels.low() : levels.high();
        return search ? search(x, w, from, count, extreme, extreme / end) : extreme / end;
    }

    private float search(float[] x, float[] w, int from, int count, float extreme, float plain) {
        float best = plain;
        double leastError = error(x, w, from, count, plain);
        for (float end : new float[] {levels.low(), levels.high()}) {
            float step = 0.1f * Math.abs(end) / Math.max(1, levels.count() / 2);
            for (int i = -REACH; i <= REACH; i++) {
                float scale = solved(x, w, from, count, (end + i * step) / extreme);
                double error = error(x, w, from, count, scale);
                if (error < leastError) {
                    leastError = error;
                    best = scale;
                }
            }
        }
        return best;
    }

    /** The best scale for the quants that {@code inverse} rounds to. */
    private float solved(float[] x, float[] w, int from, int count, float inverse) {
        double product = 0;
        double square = 0;
        for (int i = from; i < from + count; i++) {
            float level = levels.value(levels.nearest(x[i] * inverse));
            product += (double) w[i] * x[i] * level;
            square += (double) w[i] * level * level;
        }
        return square > 0 ? (float) (product / square) : 1 / inverse;
    }

    /** The weighted square error of the elements rounded with {@code scale}. */
    double error(float[] x, float[] w, int from, int count, float scale) {
        float inverse = scale == 0 ? 0 : 1 / scale;
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            double rest = x[i] - scale * levels.value(levels.nearest(x[i] * inverse));
            sum += w[i] * rest * rest;
        }
        return sum;
    }
}
