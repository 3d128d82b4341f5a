package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Puts k and v where attention finds them: a slot a token, the heads of k (or v) side by side in the cache's format, rounded as dev.crema.quant does. */
public final class KvCache {
    private KvCache() { }

    /** rows*, k, [v], channels of k, slots (i32 [rows]), keys of the layer, values, bytes of a slot, format. */
    @Kernel
    public static void append(int args, int part, int parts, int scratch) {
        int rows = Args.at(args, 0);
        int channels = Args.word(args, 3);
        int sides = Args.word(args, 2) == 0 ? 1 : 2;
        int to = Part.begin(sides * rows, part + 1, parts);
        for (int i = Part.begin(sides * rows, part, parts); i < to; i++) {
            int row = i / sides;
            int slot = Memory.loadI32(Args.word(args, 4) + 4 * row) * Args.word(args, 7);
            int side = i % sides;
            int from = Args.word(args, side == 0 ? 1 : 2) + 4 * row * channels;
            encode(Args.word(args, 8), from, channels, Args.word(args, side == 0 ? 5 : 6) + slot);
        }
    }

    /** Copies one page of all layers: layers, bytes of a page, from, to (page numbers), address of the first layer, bytes from one to the next. */
    @Kernel
    public static void copyPage(int args, int part, int parts, int scratch) {
        int layers = Args.word(args, 0);
        int pageBytes = Args.word(args, 1);
        int to = Part.begin(layers, part + 1, parts);
        for (int layer = Part.begin(layers, part, parts); layer < to; layer++) {
            int first = Args.word(args, 4) + layer * Args.word(args, 5);
            Memory.copy(first + Args.word(args, 3) * pageBytes, first + Args.word(args, 2) * pageBytes, pageBytes);
        }
    }

    private static void encode(int format, int from, int n, int to) {
        if (format == Decode.F32) {
            Memory.copy(to, from, 4 * n);
        } else if (format == Decode.F16) {
            for (int i = 0; i < n; i++) {
                Memory.storeF16(to + 2 * i, Memory.loadF32(from + 4 * i));
            }
        } else if (format == Decode.Q8_0) {
            for (int block = 0; block < n / 32; block++) {
                q8_0(from + 128 * block, to + 34 * block);
            }
        } else {
            for (int block = 0; block < n / 32; block++) {
                q4_0(from + 128 * block, to + 18 * block);
            }
        }
    }

    private static void q8_0(int from, int to) {
        float largest = 0;
        for (int i = 0; i < 32; i++) {
            largest = Math.max(largest, Math.abs(Memory.loadF32(from + 4 * i)));
        }
        float scale = largest / 127;
        float inverse = scale == 0 ? 0 : 1 / scale;
        Memory.storeF16(to, scale);
        for (int i = 0; i < 32; i++) {
            Memory.storeI8(to + 2 + i, roundAwayFromZero(Memory.loadF32(from + 4 * i) * inverse));
        }
    }

    /** C's {@code roundf}. */
    private static int roundAwayFromZero(float x) {
        int whole = (int) x;
        float rest = Math.abs(x - whole);
        return rest >= 0.5f ? x < 0 ? whole - 1 : whole + 1 : whole;
    }

    private static void q4_0(int from, int to) {
        float largest = 0;
        for (int i = 0; i < 32; i++) {
            float x = Memory.loadF32(from + 4 * i);
            largest = Math.abs(x) > Math.abs(largest) ? x : largest;
        }
        float scale = largest / -8;
        float inverse = scale == 0 ? 0 : 1 / scale;
        Memory.storeF16(to, scale);
        for (int i = 0; i < 16; i++) {
            int low = nibble(Memory.loadF32(from + 4 * i) * inverse);
            Memory.storeI8(to + 2 + i, low | nibble(Memory.loadF32(from + 64 + 4 * i) * inverse) << 4);
        }
    }

    /** -8..8 to 0..15; adding 8.5 and truncating is ggml's rounding. */
    private static int nibble(float x) {
        return Math.min(15, (int) (x + 8.5f));
    }
}
