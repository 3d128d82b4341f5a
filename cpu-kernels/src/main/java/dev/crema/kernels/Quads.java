package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/**
 * Weights whose rows stand together by fours, so that each lane of a vector can belong to a row: of each block first the scales of the four rows (where
 * a block is no whole number of words; wherever in the block they stood), then the rest in units of two or four bytes, those of the four rows side by side. The rows
 * that are left over at the end stay as they were. Nothing changes its size.
 */
public final class Quads {
    private Quads() { }

    /** Bytes of a block. */
    static int blockBytes(int format) {
        return format == Decode.Q4_0 ? 18 : format == Decode.Q8_0 ? 34 : format == Decode.Q4_1 ? 20 : format == Decode.Q5_0 ? 22 : format == Decode.Q5_1 ? 24
            : format == Decode.Q4_K ? 144 : format == Decode.Q5_K ? 176 : format == Decode.Q6_K ? 210 : format == Decode.Q2_K ? 84
            : format == Decode.Q3_K ? 110 : 17;
    }

    /** Bytes of a block that are no whole unit: its scale, or none. */
    static int headBytes(int format) {
        return blockBytes(format) & 3;
    }

    /** Where in a block they stand. */
    private static int headAt(int format) {
        return format == Decode.Q6_K ? 208 : format == Decode.Q3_K ? 108 : 0;
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
            long at = Args.weight(args, 0) + 4L * group * rowBytes;
            Memory.copy(scratch, at, 4L * rowBytes);
            for (int block = 0; block < rowBytes / bytes; block++) {
                for (int row = 0; row < 4; row++) {
                    move(scratch + row * rowBytes + block * bytes, at + 4L * block * bytes, row, format, true);
                }
            }
        }
    }

    /** One row of a group as it was before. */
    static void unpack(long group, int row, int rowBytes, int format, int to) {
        int bytes = blockBytes(format);
        for (int block = 0; block < rowBytes / bytes; block++) {
            move(to + block * bytes, group + 4L * block * bytes, row, format, false);
        }
    }

    /** One block of one row, into the group's block or out of it. */
    private static void move(int single, long quad, int row, int format, boolean packs) {
        int head = headBytes(format);
        int headAt = headAt(format);
        if (head == 2) {
            half(single + headAt, quad + 2 * row, packs);
        } else if (head == 1) {
            oneByte(single + headAt, quad + row, packs);
        }
        int unit = format == Decode.Q8_0 ? 2 : 4;
        int body = headAt == 0 ? single + head : single;
        for (int i = 0; i < blockBytes(format) - head; i += unit) {
            long place = quad + 4 * head + 4 * i + unit * row;
            half(body + i, place, packs);
            if (unit == 4) {
                half(body + i + 2, place + 2, packs);
            }
        }
    }

    private static void half(int single, long quad, boolean packs) {
        if (packs) {
            Memory.storeI16(quad, Memory.loadI16(single));
        } else {
            Memory.storeI16(single, Memory.loadI16(quad));
        }
    }

    private static void oneByte(int single, long quad, boolean packs) {
        if (packs) {
            Memory.storeI8(quad, Memory.loadI8(single));
        } else {
            Memory.storeI8(single, Memory.loadI8(quad));
        }
    }
}
