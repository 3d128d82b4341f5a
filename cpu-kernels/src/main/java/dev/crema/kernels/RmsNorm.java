package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** {@code out = x / sqrt(mean(x^2) + eps) * weight} over groups of channels. */
public final class RmsNorm {
    private RmsNorm() { }

    /** rows*, x, weight, out, groups of a row, channels of a group, eps. */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        int groups = Args.at(args, 0) * Args.word(args, 4);
        int channels = Args.word(args, 5);
        int to = Part.begin(groups, part + 1, parts);
        for (int group = Part.begin(groups, part, parts); group < to; group++) {
            int at = 4 * group * channels;
            group(Args.word(args, 1) + at, Args.word(args, 2), Args.word(args, 3) + at, channels, Args.number(args, 6));
        }
    }

    static void group(int x, int weight, int out, int n, float eps) {
        float scale = (float) (1 / Math.sqrt((double) (Vectors.dot(x, x, n) / n) + eps));
        F32x4 scales = F32x4.splat(scale);
        int i = 0;
        for (; i <= n - 4; i += 4) {
            F32x4.load(x + 4 * i).mul(scales).mul(F32x4.load(weight + 4 * i)).store(out + 4 * i);
        }
        for (; i < n; i++) {
            Memory.storeF32(out + 4 * i, Memory.loadF32(x + 4 * i) * scale * Memory.loadF32(weight + 4 * i));
        }
    }
}
