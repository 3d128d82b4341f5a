package dev.crema.jvm.eval;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleConsumer;

/**
 * How far a model is from another one on a text, token by token: the Kullback-Leibler divergence {@code sum p log(p / q)} of its distribution
 * {@code q} from the other's {@code p}, and how often both find the same token likeliest.
 *
 * @param mean         in nats
 * @param percentile99 99 of 100 tokens diverge less
 * @param largest      of any token
 * @param sameTop      share of tokens where both agree
 * @param perplexityRatio the model's perplexity over the other's
 */
public record Divergence(int tokens, double mean, double percentile99, double largest, double sameTop, double perplexityRatio) {
    /** Both must have the same vocabulary. */
    public static Divergence await(Scorer model, Scorer base, String text, int windowLength, DoubleConsumer share) {
        int vocab = base.model().graph().logits().channels();
        if (model.model().graph().logits().channels() != vocab) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The models have vocabularies of " + model.model().graph().logits().channels() + " and " + vocab
                + " tokens; only those of the same model in two formats can be compared.", "");
        }
        int length = Math.min(windowLength, Math.min(model.contextLength(), base.contextLength()));
        List<Double> divergences = new ArrayList<>();
        var sums = new Object() {
            int same;
            double lossRatio;
        };
        var windows = Windows.of(text, base.model().tokenizer(), length);
        int done = 0;
        for (int[] window : windows) {
            float[][] rows = new float[window.length - 1][];
            base.awaitRows(window, (position, logits, from, size) -> {
                if (position < rows.length) {
                    rows[position] = Arrays.copyOfRange(logits, from, from + size);
                }
            });
            model.awaitRows(window, (position, logits, from, size) -> {
                if (position < rows.length) {
                    float[] expected = rows[position];
                    double expectedSum = Scorer.logSum(expected, 0, size);
                    double sum = Scorer.logSum(logits, from, size);
                    divergences.add(divergence(expected, expectedSum, logits, from, sum));
                    sums.same += top(expected, 0, size) == top(logits, from, size) ? 1 : 0;
                    sums.lossRatio += sum - logits[from + window[position + 1]] - (expectedSum - expected[window[position + 1]]);
                }
            });
            share.accept(++done / (double) windows.size());
        }
        double[] sorted = divergences.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return new Divergence(sorted.length, Arrays.stream(sorted).average().orElse(0), sorted[(int) (0.99 * (sorted.length - 1))], sorted[sorted.length - 1],
            sums.same / (double) sorted.length, Math.exp(sums.lossRatio / sorted.length));
    }

    private static double divergence(float[] expected, double expectedSum, float[] logits, int from, double sum) {
        double total = 0;
        for (int i = 0; i < expected.length; i++) {
            double logP = expected[i] - expectedSum;
            total += Math.exp(logP) * (logP - (logits[from + i] - sum));
        }
        return Math.max(0, total);
    }

    private static int top(float[] logits, int from, int vocab) {
        int best = from;
        for (int i = from; i < from + vocab; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best - from;
    }

    /** To print or to compare. */
    public Json.Obj toJson() {
        return new Json.Obj().put("mean_kld", mean).put("kld_99", percentile99).put("largest_kld", largest).put("same_top", sameTop)
            .put("perplexity_ratio", perplexityRatio).put("tokens", (long) tokens);
    }
}
