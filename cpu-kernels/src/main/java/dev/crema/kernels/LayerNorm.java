package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** {@code out = (x - mean) / sqrt(variance + eps) * weight + bias} of each row. */
public final class LayerNorm {
    private LayerNorm() { }

    /** 0 rows*, channels, x, weight (or 0), bias (or 0), 5 out, eps. */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int to = Part.begin(rows, part + 1, parts);
        for (int row = Part.begin(rows, part, parts); row < to; row++) {
            int at = 4 * row * Args.word(args, 1);
            row(Args.word(args, 2) + at, Args.word(args, 5) + at, args);
        }
    }

    private static void row(int x, int out, int args) {
        int n = Args.word(args, 1);
        float mean = sum(x, n) / n;
        centre(x, mean, out, n);
        float scale = (float) (1 / Math.sqrt((double) (Vectors.dot(out, out, n) / n) + Args.number(args, 6)));
        int weight = Args.word(args, 3);
        int bias = Args.word(args, 4);
        for (int i = 0; i < n; i++) {
            float factor = weight == 0 ? scale : scale * Memory.loadF32(weight + 4 * i);
            float offset = bias == 0 ? 0 : Memory.loadF32(bias + 4 * i);
            Memory.storeF32(out + 4 * i, Memory.loadF32(out + 4 * i) * factor + offset);
        }
    }

    private static float sum(int x, int n) {
        F32x4 sums = F32x4.zero();
        int i = 0;
        for (; i <= n - 4; i += 4) {
            sums = sums.add(F32x4.load(x + 4 * i));
        }
        float sum = sums.sum();
        for (; i < n; i++) {
            sum += Memory.loadF32(x + 4 * i);
        }
        return sum;
    }

    private static void centre(int x, float mean, int out, int n) {
        for (int i = 0; i < n; i++) {
            Memory.storeF32(out + 4 * i, Memory.loadF32(x + 4 * i) - mean);
        }
    }
}
