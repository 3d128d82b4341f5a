package dev.crema.quant;

import dev.crema.CremaException;
import dev.crema.tensor.DType;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is written comes back as the format can hold it, and better the more is spent on it. */
class QuantizerTest {
    private static final List<DType> BLOCKS = List.of(DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1, DType.Q8_0, DType.Q2_K, DType.Q3_K,
        DType.Q4_K, DType.Q5_K, DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS, DType.MXFP4);
    private static final int N = 16 * 256;

    private static float[] normal(int seed, int count) {
        var random = new Random(seed);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    private static float[] roundTrip(DType type, Rounding rounding, float[] x, float[] importance) {
        byte[] bytes = new byte[(int) type.bytes(x.length)];
        Quantizer.of(type, rounding).quantize(x, importance, 0, bytes, 0, x.length);
        float[] back = new float[x.length];
        Quant.dequantize(type, bytes, 0, back, 0, x.length);
        return back;
    }

    private static double error(float[] x, float[] back, float[] w) {
        double sum = 0;
        double all = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (w == null ? 1 : w[i]) * Math.pow(x[i] - back[i], 2);
            all += (w == null ? 1 : w[i]) * x[i] * x[i];
        }
        return sum / all;
    }

    /** Square error over square of normal numbers. */
    private static double[] measured(DType type) {
        return switch (type) {
            case Q4_0 -> new double[] {0.00763, 0.00676, 0.00676};
            case Q4_1 -> new double[] {0.00627, 0.00478, 0.00473};
            case Q5_0 -> new double[] {0.00189, 0.00165, 0.00165};
            case Q5_1 -> new double[] {0.00148, 0.00111, 0.00108};
            case Q8_0 -> new double[] {2.92e-05, 2.56e-05, 2.56e-05};
            case Q2_K -> new double[] {0.113, 0.0687, 0.0685};
            case Q3_K -> new double[] {0.0249, 0.0210, 0.0210};
            case Q4_K -> new double[] {0.00629, 0.00487, 0.00483};
            case Q5_K -> new double[] {0.00152, 0.00119, 0.00117};
            case Q6_K -> new double[] {0.000359, 0.000287, 0.000287};
            case IQ4_NL -> new double[] {0.00649, 0.00538, 0.00538};
            case IQ4_XS -> new double[] {0.00652, 0.00547, 0.00547};
            default -> new double[] {0.0128, 0.0128, 0.0128};
        };
    }

    @Test
    void errorsAreThoseOfTheBitsAndTheSearch() {
        float[] x = normal(1, N);
        for (DType type : BLOCKS) {
            for (Rounding rounding : Rounding.values()) {
                double error = error(x, roundTrip(type, rounding, x, null), null);
                assertTrue(error < 1.02 * measured(type)[rounding.ordinal()], type + " " + rounding + " " + error);
            }
        }
    }

    /** An element that matters a thousand times as much comes out better. */
    @Test
    void errorsAreLeastWhereTheyMatter() {
        float[] x = normal(2, N);
        float[] importance = new float[N];
        for (int i = 0; i < N; i++) {
            importance[i] = i % 8 == 3 ? 1000 : 1;
        }
        for (DType type : BLOCKS) {
            if (type != DType.MXFP4 && type != DType.Q8_0) {
                double alike = error(x, roundTrip(type, Rounding.SEARCH, x, null), importance);
                double weighted = error(x, roundTrip(type, Rounding.SEARCH, x, importance), importance);
                assertTrue(weighted < 0.9 * alike, type + " " + weighted + " of " + alike);
            }
        }
    }

    /** Numbers that a format can hold are held, up to the rounding of scales: nothing is packed in a wrong place. */
    @Test
    void whatAFormatHoldsComesBack() {
        var random = new Random(3);
        RandomBlocks.Source noise = new RandomBlocks.Source() {
            @Override
            public int nextInt(int bound) {
                return random.nextInt(bound);
            }

            @Override
            public float next(float scale) {
                return (random.nextFloat() * 2 - 1) * scale;
            }
        };
        for (DType type : BLOCKS) {
            if (Quant.canQuantize(type)) {
                continue;
            }
            float[] x = new float[N];
            Quant.dequantize(type, RandomBlocks.of(type, N, 1, noise), 0, x, 0, N);
            double error = error(x, roundTrip(type, Rounding.NEUQI, x, null), null);
            assertTrue(error < measured(type)[2] / 2, type + " " + error);
        }
    }

    @Test
    void extremeBlocksStayFinite() {
        float[][] blocks = {new float[256], filled(1), filled(-3), filled(1e-30f), filled(6e4f), ramp(-5e4f, 5e4f), ramp(0.5f, 0.6f)};
        for (DType type : BLOCKS) {
            for (Rounding rounding : Rounding.values()) {
                for (float[] x : blocks) {
                    float[] back = roundTrip(type, rounding, x, null);
                    float largest = Math.max(Math.abs(x[0]), Math.abs(x[255]));
                    for (int i = 0; i < 256; i++) {
                        assertTrue(Math.abs(back[i] - x[i]) <= 0.36f * largest + 1e-7f, type + " " + rounding + " " + x[i] + " became " + back[i]);
                    }
                }
            }
        }
    }

    private static float[] filled(float value) {
        return ramp(value, value);
    }

    private static float[] ramp(float first, float last) {
        float[] x = new float[256];
        for (int i = 0; i < 256; i++) {
            x[i] = first + (last - first) * i / 255;
        }
        return x;
    }

    /** The zero point of the least error, found here by trying very many. */
    @Test
    void neUqiFindsTheBestZeroPoint() {
        for (int top : new int[] {3, 7, 15}) {
            float[] x = normal(top, 64);
            float[] w = new float[64];
            var random = new Random(top);
            for (int i = 0; i < 64; i++) {
                x[i] *= x[i];
                w[i] = random.nextFloat();
            }
            float least = 9;
            float largest = -9;
            for (float value : x) {
                least = Math.min(least, value);
                largest = Math.max(largest, value);
            }
            var fit = new AffineFit(top, Rounding.PLAIN, false);
            var neUqi = new NeUqi(top);
            neUqi.fit(x, w, 0, 64, least, largest);
            double found = fit.error(x, w, 0, 64, neUqi.scale, neUqi.minimum);
            double best = Double.POSITIVE_INFINITY;
            for (int i = 0; i < 20_000; i++) {
                best = Math.min(best, fit.error(x, w, 0, 64, neUqi.scale, least - largest + 2 * (largest - least) * i / 20_000));
            }
            assertTrue(found <= best * 1.001, "top " + top + ": " + found + ", tried " + best);
            fit.fit(x, w, 0, 64);
            assertTrue(found < 0.8 * fit.error(x, w, 0, 64, fit.scale, fit.minimum), "top " + top);
        }
    }

    @Test
    void refusesWhatItCannotWrite() {
        CremaException error = assertThrows(CremaException.class, () -> Quantizer.of(DType.IQ2_S, Rounding.PLAIN));
        assertEquals("type", error.param());
        assertThrows(IndexOutOfBoundsException.class, () -> Quantizer.of(DType.Q4_K, Rounding.PLAIN).quantize(new float[256], null, 1, new byte[144], 0, 256));
        byte[] bytes = new byte[4];
        Quantizer.of(DType.F16, Rounding.SEARCH).quantize(new float[] {1, 2}, null, 0, bytes, 0, 2);
        assertArrayEquals(new byte[] {0, 0x3c, 0, 0x40}, bytes);
    }
}
