package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Products with the matrices of a row's experts. */
public final class Experts {
    private Experts() { }

    /**
     * 0 rows*, x, channels of x, weight [experts, features, channels], format, 5 bytes of a row of it, features, [bias], out, 9 routes, experts of a row,
     * whether they read the same x. Scratch: one row of the weight as floats.
     */
    @Kernel
    public static void matMul(int args, int part, int parts, int scratch) {
        int entries = Args.at(args, 0) * Args.word(args, 10);
        int topK = Args.word(args, 10);
        int features = Args.word(args, 6);
        int in = Args.word(args, 2);
        int from = Part.begin(features, part, parts);
        int to = Part.begin(features, part + 1, parts);
        for (int entry = 0; entry < entries; entry++) {
            int expert = (int) Memory.loadF32(Args.word(args, 9) + 4 * (entry / topK * 2 * topK + entry % topK));
            int x = Args.word(args, 1) + 4 * in * (Args.word(args, 11) != 0 ? entry / topK : entry);
            for (int f = from; f < to; f++) {
                int row = expert * features + f;
                long weight = MatMul.panel(Args.word(args, 4), Args.weight(args, 3) + (long) row * Args.word(args, 5), Args.word(args, 5), in, 1, scratch);
                float bias = Args.word(args, 7) == 0 ? 0 : Memory.loadF32(Args.word(args, 7) + 4 * row);
                Memory.storeF32(Args.word(args, 8) + 4 * (entry * features + f), Vectors.dot(x, weight, in) + bias);
            }
        }
    }

    /** {@code out = sum of weight * x} over a row's experts: rows*, channels of out, x, routes, experts of a row, out. */
    @Kernel
    public static void sum(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int n = Args.word(args, 1);
        int topK = Args.word(args, 4);
        int to = Part.begin(rows, part + 1, parts);
        for (int row = Part.begin(rows, part, parts); row < to; row++) {
            int out = Args.word(args, 5) + 4 * row * n;
            int weights = Args.word(args, 3) + 4 * (row * 2 * topK + topK);
            Memory.fill(out, 0, 4 * n);
            for (int i = 0; i < topK; i++) {
                Vectors.addScaled(out, Memory.loadF32(weights + 4 * i), Args.word(args, 2) + 4 * (row * topK + i) * n, n);
            }
        }
    }
}
