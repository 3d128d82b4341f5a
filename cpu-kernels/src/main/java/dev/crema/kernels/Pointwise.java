package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** What treats each element alone. */
public final class Pointwise {
    private Pointwise() { }

    /** {@code out = a + b}: rows*, channels, a, b, out. */
    @Kernel
    public static void add(int args, int part, int parts, int scratch) {
        int n = Args.at(args, 0) * Args.word(args, 1);
        int a = Args.word(args, 2);
        int b = Args.word(args, 3);
        int out = Args.word(args, 4);
        int i = begin(n, part, parts);
        int to = begin(n, part + 1, parts);
        for (; i <= to - 4; i += 4) {
            F32x4.load(a + 4 * i).add(F32x4.load(b + 4 * i)).store(out + 4 * i);
        }
        for (; i < to; i++) {
            Memory.storeF32(out + 4 * i, Memory.loadF32(a + 4 * i) + Memory.loadF32(b + 4 * i));
        }
    }

    /** {@code out = gate * sigmoid(gate) * up}: rows*, channels, gate, up, out. */
    @Kernel
    public static void siluGated(int args, int part, int parts, int scratch) {
        int n = Args.at(args, 0) * Args.word(args, 1);
        int gate = Args.word(args, 2);
        int up = Args.word(args, 3);
        int out = Args.word(args, 4);
        int i = begin(n, part, parts);
        int to = begin(n, part + 1, parts);
        for (; i <= to - 4; i += 4) {
            Exp.silu(F32x4.load(gate + 4 * i)).mul(F32x4.load(up + 4 * i)).store(out + 4 * i);
        }
        for (; i < to; i++) {
            Memory.storeF32(out + 4 * i, Exp.silu(F32x4.splat(Memory.loadF32(gate + 4 * i))).extractLane(0) * Memory.loadF32(up + 4 * i));
        }
    }

    /** Where a part begins: all but the last are whole vectors. */
    static int begin(int n, int part, int parts) {
        return Math.min(n, 4 * Part.begin((n + 3) / 4, part, parts));
    }
}
