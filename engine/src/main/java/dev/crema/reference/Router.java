package dev.crema.reference;

import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;

/**
 * Chooses experts, row by row, as {@link Routing} says. Public because a row is too little work for a second form of it on the JVM. For
 * one thread at a time.
 */
public final class Router {
    private static final int NONE = -1;
    /** Scores beyond are cut to it, so that no difference of two overflows. */
    private static final float HIGHEST = 1e38f;

    private final Routing routing;
    private final int experts;
    private final float[] bias;
    /** What the row's experts weigh, and what they are chosen by. */
    private final float[] weights;
    private final float[] choices;
    private final float[] groups;
    private int kept;

    /** {@code bias} [experts] or null. */
    public Router(Routing routing, int experts, float[] bias) {
        this.routing = routing;
        this.experts = experts;
        this.bias = bias;
        weights = new float[experts];
        choices = new float[experts];
        groups = new float[routing.groups()];
    }

    /** scores [rows, experts], out [rows, 2*topK]: experts, then weights. */
    public void route(float[] scores, int rows, float[] out) {
        for (int row = 0; row < rows; row++) {
            weigh(scores, row * experts);
            keepGroups();
            choose(out, row * 2 * routing.topK());
        }
    }

    private void weigh(float[] scores, int at) {
        float largest = -HIGHEST;
        for (int e = 0; e < experts; e++) {
            choices[e] = number(scores[at + e]);
            largest = Math.max(largest, choices[e]);
        }
        boolean softmax = routing.scoring() == Scoring.SOFTMAX;
        float total = 0;
        for (int e = 0; e < experts; e++) {
            weights[e] = (float) (softmax ? Math.exp(choices[e] - largest) : 1 / (1 + Math.exp(-choices[e])));
            total += weights[e];
        }
        for (int e = 0; e < experts; e++) {
            weights[e] /= softmax ? total : 1;
            if (bias != null || routing.hasGroups()) {
                choices[e] = number(weights[e] + (bias == null ? 0 : bias[e]));
            }
        }
    }

    /** What is not a number counts as the lowest one. */
    private static float number(float value) {
        return value != value ? -HIGHEST : Math.max(-HIGHEST, Math.min(value, HIGHEST));
    }

    private void keepGroups() {
        kept = -1;
        if (!routing.hasGroups()) {
            return;
        }
        int size = experts / groups.length;
        for (int group = 0; group < groups.length; group++) {
            int best = next(NONE, group * size, (group + 1) * size);
            groups[group] = choices[best];
            if (routing.groupBest() == 2) {
                groups[group] += choices[next(best, group * size, (group + 1) * size)];
            }
        }
        kept = 0;
        for (int i = 0; i < routing.keptGroups(); i++) {
            int best = NONE;
            for (int group = 0; group < groups.length; group++) {
                boolean isKept = (kept >>> group & 1) == 1;
                best = !isKept && (best == NONE || groups[group] > groups[best]) ? group : best;
            }
            kept |= 1 << best;
        }
    }

    private void choose(float[] out, int at) {
        int topK = routing.topK();
        int chosen = NONE;
        float sum = 0;
        for (int i = 0; i < topK; i++) {
            chosen = next(chosen, 0, experts);
            out[at + i] = chosen;
            out[at + topK + i] = weights[chosen];
            sum += weights[chosen];
        }
        float factor = routing.normalise() ? routing.scale() / (sum + 1e-20f) : routing.scale();
        for (int i = topK; i < 2 * topK; i++) {
            out[at + i] *= factor;
        }
    }

    /** Of the experts {@code from .. to-1} in kept groups, the first in order after {@code last}, so that nothing remembers who was taken. */
    private int next(int last, int from, int to) {
        int groupSize = experts / groups.length;
        int best = NONE;
        for (int e = from; e < to; e++) {
            boolean isKept = (kept >>> e / groupSize & 1) == 1;
            boolean after = last == NONE || choices[e] < choices[last] || choices[e] == choices[last] && e > last;
            best = isKept && after && (best == NONE || choices[e] > choices[best]) ? e : best;
        }
        return best;
    }
}
