package dev.crema.engine;

import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.List;

/** Log-probabilities of a row of logits as the model gave them, before any sampling rule. */
final class Logprobs {
    private Logprobs() { }

    /** The chosen token's and the {@code top} most likely, most likely first (lower id on a tie). */
    static TokenLogprob of(float[] logits, int offset, int vocab, int token, int top, Tokenizer tokenizer) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < vocab; i++) {
            max = Math.max(max, logits[offset + i]);
        }
        double sum = 0;
        for (int i = 0; i < vocab; i++) {
            sum += Math.exp(logits[offset + i] - max);
        }
        float logTotal = max + (float) Math.log(sum);
        List<TokenLogprob> best = new ArrayList<>(top);
        for (int id : mostLikely(logits, offset, vocab, Math.min(top, vocab))) {
            best.add(new TokenLogprob(id, tokenizer.bytes(id), logits[offset + id] - logTotal, List.of()));
        }
        return new TokenLogprob(token, tokenizer.bytes(token), logits[offset + token] - logTotal, best);
    }

    private static int[] mostLikely(float[] logits, int offset, int vocab, int count) {
        int[] ids = new int[count];
        int found = 0;
        for (int i = 0; i < vocab && count > 0; i++) {
            float logit = logits[offset + i];
            if (found == count && !(logit > logits[offset + ids[count - 1]])) {
                continue;
            }
            int place = found < count ? found++ : count - 1;
            while (place > 0 && logits[offset + ids[place - 1]] < logit) {
                ids[place] = ids[place - 1];
                place--;
            }
            ids[place] = i;
        }
        return ids;
    }
}
