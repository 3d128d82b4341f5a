package dev.crema.quant;

/** The numbers that a quant can stand for, ascending, before the scale: whole ones, or those of a table. */
final class Levels {
    private final float[] values;
    private final boolean whole;

    private Levels(float[] values, boolean whole) {
        this.values = values;
        this.whole = whole;
    }

    /** The whole numbers from {@code low} to {@code high}. */
    static Levels whole(int low, int high) {
        float[] values = new float[high - low + 1];
        for (int i = 0; i < values.length; i++) {
            values[i] = low + i;
        }
        return new Levels(values, true);
    }

    static Levels table(float[] ascending) {
        return new Levels(ascending, false);
    }

    int count() {
        return values.length;
    }

    float low() {
        return values[0];
    }

    float high() {
        return values[values.length - 1];
    }

    float value(int index) {
        return values[index];
    }

    /** The index of the level nearest to {@code x}; of two equally near, the upper. NaN becomes the lowest. */
    int nearest(float x) {
        if (!(x > values[0])) {
            return 0;
        }
        if (x >= high()) {
            return values.length - 1;
        }
        if (whole) {
            return (int) (x - values[0] + 0.5f);
        }
        int below = 0;
        int above = values.length - 1;
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            if (values[middle] <= x) {
                below = middle;
            } else {
                above = middle;
            }
        }
        return x - values[below] < values[above] - x ? below : above;
    }
}
