package dev.crema.jvm.eval;

import dev.crema.json.Json;

import java.util.function.DoubleConsumer;

/**
 * How surprised a model is by a text: {@code exp} of the mean of {@code -log p} over all tokens that have one before them in their window.
 *
 * @param tokens        that were predicted
 * @param meanLoss      mean of {@code -log p}, in nats
 * @param standardError of that mean
 */
public record Perplexity(long tokens, double meanLoss, double standardError) {
    /** {@code windowLength} tokens are computed together; {@code share} hears how much is done. */
    public static Perplexity await(Scorer scorer, String text, int windowLength, DoubleConsumer share) {
        var sums = new Object() {
            long count;
            double sum;
            double squares;
        };
        var windows = Windows.of(text, scorer.model().tokenizer(), Math.min(windowLength, scorer.contextLength()));
        int done = 0;
        for (int[] window : windows) {
            scorer.awaitRows(window, (position, logits, from, vocab) -> {
                if (position + 1 < window.length) {
                    double loss = Scorer.logSum(logits, from, vocab) - logits[from + window[position + 1]];
                    sums.count++;
                    sums.sum += loss;
                    sums.squares += loss * loss;
                }
            });
            share.accept(++done / (double) windows.size());
        }
        double mean = sums.sum / sums.count;
        double variance = Math.max(0, sums.squares / sums.count - mean * mean);
        return new Perplexity(sums.count, mean, Math.sqrt(variance / Math.max(1, sums.count - 1)));
    }

    public double value() {
        return Math.exp(meanLoss);
    }

    /** To print or to compare. */
    public Json.Obj toJson() {
        return new Json.Obj().put("perplexity", value()).put("standard_error", value() * standardError).put("mean_loss", meanLoss).put("tokens", tokens);
    }
}
