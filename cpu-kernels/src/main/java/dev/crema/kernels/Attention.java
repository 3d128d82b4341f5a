package dev.crema.kernels;

import dev.crema.lanes.F32x4;
import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/**
 * Causal grouped-query attention over a paged KV cache, page by page with a running softmax (arXiv 2205.14135): no row of scores is longer than
 * a page.
 */
public final class Attention {
    /** Tokens of a page (dev.crema.device.KvPool). */
    private static final int PAGE = 16;
    /** Stands for minus infinity, and may be subtracted from itself. */
    private static final float LOWEST = -3e38f;

    private Attention() { }

    /**
     * 0 rows*, q, out, keys of the layer, values, 5 bytes of a slot, bytes of a head in it, format, 8 heads, kv heads, head dim, 11 scale, window (0: all),
     * soft cap (0: none), [sinks], 15 last position that each token sees, page table's row of each token, page table, entries of a row of it, 19 channels of a value, where
     * keys and values are at one address the first of a key. Scratch: for each head of a group 32 + head dim floats, then two pages of heads.
     */
    @Kernel
    public static void heads(int args, int part, int parts, int scratch) {
        int kvHeads = Args.word(args, 9);
        int count = Args.at(args, 0) * kvHeads;
        int to = Part.begin(count, part + 1, parts);
        for (int i = Part.begin(count, part, parts); i < to; i++) {
            group(args, i / kvHeads, i % kvHeads, scratch);
        }
    }

    /** One token and the query heads that share a kv head. A head's scratch is its maximum, its sum, two free words, PAGE scores, then what it adds up. */
    private static void group(int args, int token, int kvHead, int scratch) {
        int headDim = Args.word(args, 10);
        int valueDim = Args.word(args, 19);
        int group = Args.word(args, 8) / Args.word(args, 9);
        int first = token * Args.word(args, 8) + kvHead * group;
        int each = 4 * (32 + headDim);
        begin(args, kvHead * group, group, headDim, scratch);
        int last = Memory.loadI32(Args.word(args, 15) + 4 * token);
        int window = Args.word(args, 12);
        int from = window == 0 ? 0 : Math.max(0, last - window + 1);
        int pages = Args.word(args, 17) + 4 * Memory.loadI32(Args.word(args, 16) + 4 * token) * Args.word(args, 18);
        for (int page = from / PAGE; page <= last / PAGE; page++) {
            int low = Math.max(from - page * PAGE, 0);
            int high = Math.min(last - page * PAGE, PAGE - 1);
            int slot = (Memory.loadI32(pages + 4 * page) * PAGE + low) * Args.word(args, 5) + kvHead * Args.word(args, 6);
            page(args, Args.word(args, 1) + first * headDim * 4, slot, high - low + 1, group, scratch, scratch + group * each);
        }
        for (int g = 0; g < group; g++) {
            int head = scratch + g * each;
            Vectors.scale(Args.word(args, 2) + (first + g) * valueDim * 4, 1 / Memory.loadF32(head + 4), head + 128, valueDim);
        }
    }

    private static void begin(int args, int firstHead, int group, int headDim, int scratch) {
        int sinks = Args.word(args, 14);
        for (int g = 0; g < group; g++) {
            int head = scratch + g * 4 * (32 + headDim);
            Memory.storeF32(head, sinks == 0 ? LOWEST : Memory.loadF32(sinks + 4 * (firstHead + g)));
            Memory.storeF32(head + 4, sinks == 0 ? 0 : 1);
            Memory.fill(head + 128, 0, 4 * headDim);
        }
    }

    /** {@code n} tokens of one page, whose k and v begin at {@code slot} of the layer's. */
    private static void page(int args, int q, int slot, int n, int group, int scratch, int decoded) {
        int headDim = Args.word(args, 10);
        int format = Args.word(args, 7);
        int keys = Args.word(args, 3) + slot;
        int values = Args.word(args, 4) + slot;
        int stride = Args.word(args, 5);
        if (format != Decode.F32) {
            boolean apart = keys != values;
            for (int i = 0; i < n; i++) {
                Decode.run(format, keys + i * stride, headDim, decoded + 4 * i * headDim);
                if (apart) {
                    Decode.run(format, values + i * stride, headDim, decoded + 4 * (PAGE + i) * headDim);
                }
            }
            keys = decoded;
            values = apart ? decoded + 4 * PAGE * headDim : decoded;
            stride = 4 * headDim;
        }
        int valueDim = Args.word(args, 19);
        for (int g = 0; g < group; g++) {
            int head = scratch + g * 4 * (32 + headDim);
            for (int i = 0; i < n; i++) {
                Memory.storeF32(head + 16 + 4 * i, Vectors.dot(q + 4 * g * headDim, keys + i * stride, headDim));
            }
            soften(head, n, Args.number(args, 11), Args.number(args, 13), valueDim);
            for (int i = 0; i < n; i++) {
                Vectors.addScaled(head + 128, Memory.loadF32(head + 16 + 4 * i), values + i * stride, valueDim);
            }
        }
    }

    /** Scores to weights relative to the largest so far; what was added up before is brought to the same measure. */
    private static void soften(int head, int n, float scale, float softcap, int valueDim) {
        for (int i = n; i < PAGE; i++) {
            Memory.storeF32(head + 16 + 4 * i, 0);
        }
        F32x4 largest = F32x4.splat(Memory.loadF32(head));
        for (int i = 0; i < PAGE; i += 4) {
            F32x4 scores = F32x4.load(head + 16 + 4 * i).mul(F32x4.splat(scale));
            if (softcap != 0) {
                scores = Exp.capped(scores, softcap);
            }
            scores.store(head + 16 + 4 * i);
        }
        for (int i = n; i < PAGE; i++) {
            Memory.storeF32(head + 16 + 4 * i, LOWEST);
        }
        for (int i = 0; i < PAGE; i += 4) {
            largest = largest.max(F32x4.load(head + 16 + 4 * i));
        }
        float max = largest.maxLane();
        F32x4 sums = F32x4.zero();
        for (int i = 0; i < PAGE; i += 4) {
            F32x4 weights = Exp.exp(F32x4.load(head + 16 + 4 * i).sub(F32x4.splat(max)));
            weights.store(head + 16 + 4 * i);
            sums = sums.add(weights);
        }
        float before = Memory.loadF32(head);
        if (before != max) {
            float factor = Exp.exp(before - max);
            Memory.storeF32(head + 4, Memory.loadF32(head + 4) * factor);
            Vectors.scale(head + 128, factor, head + 128, valueDim);
            Memory.storeF32(head, max);
        }
        Memory.storeF32(head + 4, Memory.loadF32(head + 4) + sums.sum());
    }
}
