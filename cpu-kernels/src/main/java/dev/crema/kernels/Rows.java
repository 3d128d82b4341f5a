package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** What moves rows and computes nothing. */
public final class Rows {
    private Rows() { }

    /** {@code out[r] = x[numbers[r]]}: rows*, channels, x, numbers (i32 [rows]), out. */
    @Kernel
    public static void select(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int bytes = 4 * Args.word(args, 1);
        int to = Part.begin(rows, part + 1, parts);
        for (int row = Part.begin(rows, part, parts); row < to; row++) {
            Memory.copy(Args.word(args, 4) + row * bytes, Args.word(args, 2) + Memory.loadI32(Args.word(args, 3) + 4 * row) * bytes, bytes);
        }
    }

    /** Of each head some channels of a, then some of b: rows*, heads, channels of a head of a, of b, a, b, out. */
    @Kernel
    public static void join(int args, int part, int parts, int scratch) {
        int count = Args.at(args, 0) * Args.word(args, 1);
        int m = 4 * Args.word(args, 2);
        int n = 4 * Args.word(args, 3);
        int to = Part.begin(count, part + 1, parts);
        for (int head = Part.begin(count, part, parts); head < to; head++) {
            int out = Args.word(args, 6) + head * (m + n);
            Memory.copy(out, Args.word(args, 4) + head * m, m);
            Memory.copy(out + m, Args.word(args, 5) + head * n, n);
        }
    }

    /**
     * {@code out[r] = table[numbers[r] + offset]}: 0 rows*, channels, table, format, bytes of a row, 5 numbers (i32 [rows]; 0: all are 0), out, rows of
     * the table that stand in {@link Quads}, offset. Scratch: a row of the table.
     */
    @Kernel
    public static void embed(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int channels = Args.word(args, 1);
        int to = Part.begin(rows, part + 1, parts);
        for (int row = Part.begin(rows, part, parts); row < to; row++) {
            int number = Args.word(args, 8) + (Args.word(args, 5) == 0 ? 0 : Memory.loadI32(Args.word(args, 5) + 4 * row));
            long from = Args.weight(args, 2) + (long) number * Args.word(args, 4);
            if (number < Args.word(args, 7)) {
                Quads.unpack(from - (long) (number % 4) * Args.word(args, 4), number % 4, Args.word(args, 4), Args.word(args, 3), scratch);
                from = scratch;
            }
            Decode.run(Args.word(args, 3), from, channels, Args.word(args, 6) + 4 * row * channels);
        }
    }

    /** Weights as floats: format, weight, elements, out. */
    @Kernel
    public static void decode(int args, int part, int parts, int scratch) {
        if (part == 0) {
            Decode.run(Args.word(args, 0), Args.weight(args, 1), Args.word(args, 2), Args.word(args, 3));
        }
    }
}
