package dev.crema.kernels;

import dev.crema.lanes.Kernel;
import dev.crema.lanes.Memory;

/** Chooses experts, row by row; dev.crema.graph.Routing says how. */
public final class Route {
    private static final int NONE = -1;
    /** Scores beyond are cut to it, so that no difference of two overflows. */
    private static final float HIGHEST = 1e38f;

    private Route() { }

    /**
     * 0 rows*, scores, experts, [bias], experts to choose, 5 whether scores are sigmoids, whether weights are normalised, scale, 8 groups, groups kept,
     * experts that a group is ordered by, 11 out. Scratch: experts' weights, what they are chosen by, 32 groups.
     */
    @Kernel
    public static void rows(int args, int part, int parts, int scratch) {
        int experts = Args.word(args, 2);
        int topK = Args.word(args, 4);
        int choices = scratch + 4 * experts;
        int to = Part.begin(Args.at(args, 0), part + 1, parts);
        for (int row = Part.begin(Args.at(args, 0), part, parts); row < to; row++) {
            weigh(args, Args.word(args, 1) + 4 * row * experts, experts, scratch, choices);
            int kept = Args.word(args, 8) <= 1 ? -1 : keepGroups(args, experts, choices, choices + 4 * experts);
            choose(args, experts, scratch, choices, kept, Args.word(args, 11) + 8 * row * topK);
        }
    }

    private static void weigh(int args, int scores, int experts, int weights, int choices) {
        float largest = -HIGHEST;
        for (int e = 0; e < experts; e++) {
            float score = number(Memory.loadF32(scores + 4 * e));
            Memory.storeF32(choices + 4 * e, score);
            largest = Math.max(largest, score);
        }
        boolean sigmoid = Args.word(args, 5) != 0;
        float total = 0;
        for (int e = 0; e < experts; e++) {
            float score = Memory.loadF32(choices + 4 * e);
            float weight = sigmoid ? 1 / (1 + Exp.exp(-score)) : Exp.exp(score - largest);
            Memory.storeF32(weights + 4 * e, weight);
            total += weight;
        }
        int bias = Args.word(args, 3);
        for (int e = 0; e < experts; e++) {
            float weight = Memory.loadF32(weights + 4 * e) / (sigmoid ? 1 : total);
            Memory.storeF32(weights + 4 * e, weight);
            if (bias != 0 || Args.word(args, 8) > 1) {
                Memory.storeF32(choices + 4 * e, number(weight + (bias == 0 ? 0 : Memory.loadF32(bias + 4 * e))));
            }
        }
    }

    /** What is not a number counts as the lowest one. */
    private static float number(float value) {
        return value != value ? -HIGHEST : Math.max(-HIGHEST, Math.min(value, HIGHEST));
    }

    /** A bit for each group of which experts may be taken. */
    private static int keepGroups(int args, int experts, int choices, int groups) {
        int count = Args.word(args, 8);
        int size = experts / count;
        for (int group = 0; group < count; group++) {
            int best = next(choices, -1, size, NONE, group * size, (group + 1) * size);
            float sum = Memory.loadF32(choices + 4 * best);
            if (Args.word(args, 10) == 2) {
                sum += Memory.loadF32(choices + 4 * next(choices, -1, size, best, group * size, (group + 1) * size));
            }
            Memory.storeF32(groups + 4 * group, sum);
        }
        int kept = 0;
        for (int i = 0; i < Args.word(args, 9); i++) {
            int best = NONE;
            for (int group = 0; group < count; group++) {
                boolean better = best == NONE || Memory.loadF32(groups + 4 * group) > Memory.loadF32(groups + 4 * best);
                best = (kept >>> group & 1) == 0 && better ? group : best;
            }
            kept |= 1 << best;
        }
        return kept;
    }

    private static void choose(int args, int experts, int weights, int choices, int kept, int out) {
        int topK = Args.word(args, 4);
        int size = experts / Math.max(1, Args.word(args, 8));
        int chosen = NONE;
        float sum = 0;
        for (int i = 0; i < topK; i++) {
            chosen = next(choices, kept, size, chosen, 0, experts);
            float weight = Memory.loadF32(weights + 4 * chosen);
            Memory.storeF32(out + 4 * i, chosen);
            Memory.storeF32(out + 4 * (topK + i), weight);
            sum += weight;
        }
        float scale = Args.number(args, 7);
        Vectors.scale(out + 4 * topK, Args.word(args, 6) != 0 ? scale / (sum + 1e-20f) : scale, out + 4 * topK, topK);
    }

    /** Of the experts {@code from .. to-1} in kept groups, the first in order after {@code last}, so that nothing remembers who was taken. */
    private static int next(int choices, int kept, int size, int last, int from, int to) {
        int best = NONE;
        float lastChoice = last == NONE ? 0 : Memory.loadF32(choices + 4 * last);
        float bestChoice = 0;
        for (int e = from; e < to; e++) {
            float choice = Memory.loadF32(choices + 4 * e);
            boolean after = last == NONE || choice < lastChoice || choice == lastChoice && e > last;
            if ((kept >>> e / size & 1) == 1 && after && (best == NONE || choice > bestChoice)) {
                best = e;
                bestChoice = choice;
            }
        }
        return best;
    }
}
