package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** {@code out = x · weightᵀ (+ bias)} with weights of any format, which are made floats a few rows at a time. */
public final class MatMul {
    /** Features whose weights are decoded at once; they stay in the first-level cache while rows of x pass by. */
    private static final int PANEL = 16;

    private MatMul() { }

    /** rows*, x, channels of x, weight, format, bytes of a row of the weight, features, [bias], out; scratch: a panel. */
    @Kernel
    public static void decoded(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int features = Args.word(args, 6);
        int to = Part.begin(features, part + 1, parts);
        if (rows == 1 && HalfDot.has(Args.word(args, 4))) {
            HalfDot.features(args, Part.begin(features, part, parts), to);
            return;
        }
        for (int first = Part.begin(features, part, parts); first < to; first += PANEL) {
            int count = Math.min(PANEL, to - first);
            long weight = Args.weight(args, 3) + (long) first * Args.word(args, 5);
            long panel = panel(Args.word(args, 4), weight, Args.word(args, 5), Args.word(args, 2), count, scratch);
            int bias = Args.word(args, 7) == 0 ? 0 : Args.word(args, 7) + 4 * first;
            multiply(Args.word(args, 1), rows, Args.word(args, 2), panel, count, bias, Args.word(args, 8) + 4 * first, features);
        }
    }

    /** Where {@code count} rows of a weight stand as floats. */
    static long panel(int format, long weight, int rowBytes, int in, int count, int scratch) {
        if (format == Decode.F32) {
            return weight;
        }
        for (int i = 0; i < count; i++) {
            Decode.run(format, weight + (long) i * rowBytes, in, scratch + 4 * i * in);
        }
        return scratch;
    }

    /** All rows of x with the {@code count} rows of a panel; {@code out} begins at the panel's feature in the first row of {@code stride} elements. */
    static void multiply(int x, int rows, int in, long panel, int count, int bias, int out, int stride) {
        int row = 0;
        for (; row <= rows - 4; row += 4) {
            int f = 0;
            for (; f <= count - 2; f += 2) {
                fourByTwo(x + 4 * row * in, panel + 4 * f * in, in, bias == 0 ? 0 : bias + 4 * f, out + 4 * (row * stride + f), 4 * stride);
            }
            for (; f < count; f++) {
                for (int r = row; r < row + 4; r++) {
                    single(x + 4 * r * in, panel + 4 * f * in, in, bias == 0 ? 0 : bias + 4 * f, out + 4 * (r * stride + f));
                }
            }
        }
        for (; row < rows; row++) {
            int f = 0;
            for (; f <= count - 4; f += 4) {
                oneByFour(x + 4 * row * in, panel + 4 * f * in, in, bias == 0 ? 0 : bias + 4 * f, out + 4 * (row * stride + f));
            }
            for (; f < count; f++) {
                single(x + 4 * row * in, panel + 4 * f * in, in, bias == 0 ? 0 : bias + 4 * f, out + 4 * (row * stride + f));
            }
        }
    }

    private static void single(int x, long weight, int in, int bias, int out) {
        Memory.storeF32(out, Vectors.dot(x, weight, in) + (bias == 0 ? 0 : Memory.loadF32(bias)));
    }

    private static void put(float sum, int bias, int out) {
        Memory.storeF32(out, sum + (bias == 0 ? 0 : Memory.loadF32(bias)));
    }

    private static void oneByFour(int x, long weight, int in, int bias, int out) {
        long w1 = weight + 4 * in;
        long w2 = weight + 8 * in;
        long w3 = weight + 12 * in;
        F32x4 s0 = F32x4.zero();
        F32x4 s1 = F32x4.zero();
        F32x4 s2 = F32x4.zero();
        F32x4 s3 = F32x4.zero();
        int i = 0;
        for (; i <= in - 4; i += 4) {
            F32x4 a = F32x4.load(x + 4 * i);
            s0 = a.fma(F32x4.load(weight + 4 * i), s0);
            s1 = a.fma(F32x4.load(w1 + 4 * i), s1);
            s2 = a.fma(F32x4.load(w2 + 4 * i), s2);
            s3 = a.fma(F32x4.load(w3 + 4 * i), s3);
        }
        float t0 = s0.sum();
        float t1 = s1.sum();
        float t2 = s2.sum();
        float t3 = s3.sum();
        for (; i < in; i++) {
            float a = Memory.loadF32(x + 4 * i);
            t0 += a * Memory.loadF32(weight + 4 * i);
            t1 += a * Memory.loadF32(w1 + 4 * i);
            t2 += a * Memory.loadF32(w2 + 4 * i);
            t3 += a * Memory.loadF32(w3 + 4 * i);
        }
        put(t0, bias, out);
        put(t1, bias == 0 ? 0 : bias + 4, out + 4);
        put(t2, bias == 0 ? 0 : bias + 8, out + 8);
        put(t3, bias == 0 ? 0 : bias + 12, out + 12);
    }

    /** Four rows of x and two of the weight: eight sums for six loads. */
    private static void fourByTwo(int x, long weight, int in, int bias, int out, int stride) {
        int x1 = x + 4 * in;
        int x2 = x + 8 * in;
        int x3 = x + 12 * in;
        long w1 = weight + 4 * in;
        F32x4 s00 = F32x4.zero();
        F32x4 s01 = F32x4.zero();
        F32x4 s10 = F32x4.zero();
        F32x4 s11 = F32x4.zero();
        F32x4 s20 = F32x4.zero();
        F32x4 s21 = F32x4.zero();
        F32x4 s30 = F32x4.zero();
        F32x4 s31 = F32x4.zero();
        int whole = in & -4;
        for (int i = 0; i < whole; i += 4) {
            F32x4 b0 = F32x4.load(weight + 4 * i);
            F32x4 b1 = F32x4.load(w1 + 4 * i);
            F32x4 a = F32x4.load(x + 4 * i);
            s00 = a.fma(b0, s00);
            s01 = a.fma(b1, s01);
            a = F32x4.load(x1 + 4 * i);
            s10 = a.fma(b0, s10);
            s11 = a.fma(b1, s11);
            a = F32x4.load(x2 + 4 * i);
            s20 = a.fma(b0, s20);
            s21 = a.fma(b1, s21);
            a = F32x4.load(x3 + 4 * i);
            s30 = a.fma(b0, s30);
            s31 = a.fma(b1, s31);
        }
        int rest = in - whole;
        int end = 4 * whole;
        int bias1 = bias == 0 ? 0 : bias + 4;
        put(s00.sum() + rest(x + end, weight + end, rest), bias, out);
        put(s01.sum() + rest(x + end, w1 + end, rest), bias1, out + 4);
        put(s10.sum() + rest(x1 + end, weight + end, rest), bias, out + stride);
        put(s11.sum() + rest(x1 + end, w1 + end, rest), bias1, out + stride + 4);
        put(s20.sum() + rest(x2 + end, weight + end, rest), bias, out + 2 * stride);
        put(s21.sum() + rest(x2 + end, w1 + end, rest), bias1, out + 2 * stride + 4);
        put(s30.sum() + rest(x3 + end, weight + end, rest), bias, out + 3 * stride);
        put(s31.sum() + rest(x3 + end, w1 + end, rest), bias1, out + 3 * stride + 4);
    }

    private static float rest(int a, long b, int n) {
        float sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Memory.loadF32(a + 4 * i) * Memory.loadF32(b + 4 * i);
        }
        return sum;
    }
}
