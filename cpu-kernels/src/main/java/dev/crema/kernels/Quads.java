package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/**
 * Weights whose rows stand together by fours, so that each lane of a vector can belong to a row: of each block first the scales of the four rows (where
 * a block is no whole number of words), then the rest in units of two or four bytes, those of the four rows side by side. The rows
 * that are left over at the end stay as they were. Nothing changes its size.
 */
public final class Quads {
    private Quads() { }

    /** Whether there is a kernel that multiplies weights of this format so. */
    static boolean has(int format) {
        return format == Decode.Q4_0 || format == Decode.Q8_0;
    }

    static int blockBytes(int format) {
        return format == Decode.Q4_0 ? 18 : 34;
    }

    static int unit(int format) {
        return format == Decode.Q8_0 ? 2 : 4;
    }

    /** Puts rows together in place: weight, rows, bytes of a row, format. Scratch: four rows. */
    @Kernel
    public static void pack(int args, int part, int parts, int scratch) {
        int rowBytes = Args.word(args, 2);
        int groups = Args.word(args, 1) / 4;
        int to = Part.begin(groups, part + 1, parts);
        int format = Args.word(args, 3);
        int bytes = blockBytes(format);
        for (int group = Part.begin(groups, part, parts); group < to; group++) {
            int at = Args.word(args, 0) + group * 4 * rowBytes;
            Memory.copy(scratch, at, 4 * rowBytes);
            for (int block = 0; block < rowBytes / bytes; block++) {
                for (int row = 0; row < 4; row++) {
                    move(scratch + row * rowBytes + block * bytes, at + 4 * block * bytes, row, bytes, unit(format), true);
                }
            }
        }
    }

    /** One row of a group as it was before: {@code blocks} blocks. */
    static void unpack(int group, int row, int blocks, int format, int to) {
        int bytes = blockBytes(format);
        for (int block = 0; block < blocks; block++) {
            move(to + block * bytes, group + 4 * block * bytes, row, bytes, unit(format), false);
        }
    }

    /** One block of one row, into the group's block or out of it. */
    private static void move(int single, int quad, int row, int bytes, int unit, boolean packs) {
        half(single, quad + 2 * row, packs);
        for (int i = 2; i < bytes; i += unit) {
            int place = quad + 8 + 4 * (i - 2) + unit * row;
            half(single + i, place, packs);
            if (unit == 4) {
                half(single + i + 2, place + 2, packs);
            }
        }
    }

    private static void half(int single, int quad, boolean packs) {
        if (packs) {
            Memory.storeI16(quad, Memory.loadI16(single));
        } else {
            Memory.storeI16(single, Memory.loadI16(quad));
        }
    }
}
