package dev.crema.graph;

/**
 * How a row chooses its experts by their scores. Let p be the {@link Scoring} of the scores. Experts are ordered by p plus the op's
 * selection bias (by the scores themselves where there is neither bias nor groups, which is the same order); of equals the lower index
 * is first, and what is not a number comes last. The first {@code topK} are taken, each with p as its weight. A softmax over the taken
 * ones alone, as Mixtral and gpt-oss have it, is that of all, normalised.
 *
 * @param normalise  whether the weights are divided by their sum (plus 1e-20, as DeepSeek-V3 does)
 * @param scale      what the weights are multiplied by in the end ({@code routed_scaling_factor})
 * @param groups     consecutive runs of experts as one chooses them first ({@code n_group}), 1 for none
 * @param keptGroups of which only the experts of the best so many may be taken ({@code topk_group})
 * @param groupBest  experts, the best of a group, by whose sum groups are ordered: 1 or 2
 */
public record Routing(int topK, Scoring scoring, boolean normalise, float scale, int groups, int keptGroups, int groupBest) {
    /** Without groups and scale: Mixtral, Qwen3-MoE (by {@code norm_topk_prob}), gpt-oss. */
    public static Routing softmax(int topK, boolean normalise) {
        return new Routing(topK, Scoring.SOFTMAX, normalise, 1, 1, 1, 1);
    }

    public boolean hasGroups() {
        return groups > 1;
    }

    /** {@code top 8, sigmoid, normalised, scale 2.5, 4 of 8 groups by 2}. */
    @Override
    public String toString() {
        return "top " + topK + ", " + (scoring + "").toLowerCase() + (normalise ? ", normalised" : "") + (scale == 1 ? "" : ", scale " + scale)
            + (hasGroups() ? ", " + keptGroups + " of " + groups + " groups by " + groupBest : "");
    }
}
