package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Products with the matrices of a row's experts, whose rows stand in {@link Quads}: an entry, that is a row and one of its experts, at a time. */
public final class QuadExperts {
    /** Of the scratch memory: what {@link MatMulQuads} needs, before the records of one entry's x. */
    private static final int RECORDS = 16 * QuadMatMul.TILE + Unpack.BYTES;

    private QuadExperts() { }

    /**
     * 0 rows*, x as {@link Quantise} makes it, blocks of 32 in what an expert reads, 3 weight [experts, features, channels], features, [bias], out, 7 routes,
     * bytes of a row of the weight, its format, 10 experts of a row, whether they read the same x. Scratch: as {@link QuadMatMul}, then x of one expert.
     */
    @Kernel
    public static void matMul(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int topK = Args.word(args, 10);
        int features = Args.word(args, 4);
        int from = Part.begin(features / 4, part, parts);
        int to = Part.begin(features / 4, part + 1, parts);
        for (int entry = 0; entry < rows * topK && from < to; entry++) {
            int row = entry / topK;
            int expert = (int) Memory.loadF32(Args.word(args, 7) + 4 * (row * 2 * topK + entry % topK));
            gather(args, row, Args.word(args, 11) != 0 ? 0 : entry % topK, rows, scratch + RECORDS);
            for (int group = from; group < to; group++) {
                put(args, sums(args, expert * features / 4 + group, scratch), expert, entry, group);
            }
        }
    }

    /** The records of one entry's x, side by side: those of its place among the row's. */
    private static void gather(int args, int row, int place, int rows, int to) {
        int blocks = Args.word(args, 2);
        int bytes = Args.word(args, 9) == Decode.Q8_0 ? Quantise.WIDE_BYTES : Quantise.BYTES;
        for (int block = 0; block < blocks; block++) {
            Memory.copy(to + block * bytes, Args.word(args, 1) + ((place * blocks + block) * rows + row) * bytes, bytes);
        }
    }

    /** Four features; the group is one of the whole stack. */
    private static F32x4 sums(int args, int group, int scratch) {
        long weight = Args.weight(args, 3) + 4L * group * Args.word(args, 8);
        int format = Args.word(args, 9);
        int blocks = Args.word(args, 2);
        if (format == Decode.Q4_0) {
            return MatMulQ4_0.oneRow(weight, scratch + RECORDS, blocks);
        }
        if (format == Decode.Q8_0) {
            return MatMulQ8_0.oneRow(weight, scratch + RECORDS, blocks);
        }
        return MatMulQuads.oneRow(format, weight, scratch + RECORDS, blocks, scratch);
    }

    private static void put(int args, F32x4 sums, int expert, int entry, int group) {
        int features = Args.word(args, 4);
        int bias = Args.word(args, 5);
        F32x4 all = bias == 0 ? sums : sums.add(F32x4.load(bias + 4 * (expert * features + 4 * group)));
        all.store(Args.word(args, 6) + 4 * (entry * features + 4 * group));
    }
}
