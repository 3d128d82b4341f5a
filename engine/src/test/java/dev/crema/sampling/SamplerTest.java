package dev.crema.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

/** The sampler against the textbook: sorted lists, double precision, many draws. */
class SamplerTest {
    private static final int VOCAB = 300;
    private final java.util.Random random = new java.util.Random(7);
    private final Sampler sampler = new Sampler();

    @Test
    void greedyTakesTheLowestOfEqualIds() {
        float[] logits = {0, 3, Float.NaN, 3, -1};
        assertEquals(1, sampler.sample(logits, 0, 5, spec(SamplingParams.GREEDY), 0));
    }

    @Test
    void rowsStartAtTheOffset() {
        float[] logits = {9, 9, 0, 1, 5};
        assertEquals(2, sampler.sample(logits, 2, 3, spec(SamplingParams.GREEDY), 0));
    }

    @Test
    void everyFilterKeepsExactlyWhatTheSortedDefinitionKeeps() {
        for (int round = 0; round < 40; round++) {
            float[] logits = gaussian(3);
            check(logits, params(1, 1 + random.nextInt(40), 1, 0, 1));
            check(logits, params(0.7f, 0, 0.1f + 0.85f * random.nextFloat(), 0, 1));
            check(logits, params(1.3f, 0, 1, 0.3f * random.nextFloat(), 1));
            check(logits, params(1, 0, 1, 0, 0.1f + 0.8f * random.nextFloat()));
            check(logits, params(1.1f, 50, 0.9f, 0.02f, 0.8f));
        }
    }

    /** Draws until the set of tokens seen is stable enough: nothing outside the kept set, all of what is likely inside. */
    private void check(float[] logits, SamplingParams params) {
        Set<Integer> kept = keptBySorting(logits, params);
        Set<Integer> seen = new TreeSet<>();
        for (int position = 0; position < 300; position++) {
            seen.add(sampler.sample(logits, 0, VOCAB, spec(params), position));
        }
        assertTrue(kept.containsAll(seen), () -> "outside the kept set: " + seen + " of " + kept + " with " + params);
        if (kept.size() <= 3) {
            assertEquals(kept, seen, () -> "few are kept, so each should be seen: " + params);
        }
    }

    private static Set<Integer> keptBySorting(float[] logits, SamplingParams params) {
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < VOCAB; i++) {
            ids.add(i);
        }
        Comparator<Integer> byLogit = Comparator.comparing(i -> -logits[i]);
        ids.sort(byLogit);
        if (params.topK() > 0) {
            ids = ids.subList(0, params.topK());
        }
        ids = cut(ids, logits, params.temperature(), params.topP());
        double max = logits[ids.get(0)] / params.temperature();
        ids = new ArrayList<>(ids);
        ids.removeIf(i -> Math.exp(logits[i] / params.temperature() - max) < params.minP() * (1 - 1e-5));
        double[] p = softmax(ids, logits, params.temperature());
        double entropy = 0;
        Map<Integer, Double> logP = new java.util.HashMap<>();
        for (int i = 0; i < p.length; i++) {
            entropy -= p[i] * Math.log(p[i]);
            logP.put(ids.get(i), Math.log(p[i]));
        }
        double h = entropy;
        ids.sort(Comparator.comparing(i -> Math.abs(-logP.get(i) - h)));
        return new TreeSet<>(cut(ids, logits, params.temperature(), params.typicalP()));
    }

    /** The first ids whose probabilities reach {@code target}; one more than needed is forgiven where floats may disagree. */
    private static List<Integer> cut(List<Integer> ids, float[] logits, float temperature, double target) {
        double[] p = softmax(ids, logits, temperature);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i];
            if (sum >= target + 1e-6) {
                return ids.subList(0, i + 1);
            }
        }
        return ids;
    }

    private static double[] softmax(List<Integer> ids, float[] logits, float temperature) {
        double[] p = new double[ids.size()];
        double total = 0;
        for (int i = 0; i < p.length; i++) {
            p[i] = Math.exp(logits[ids.get(i)] / temperature);
            total += p[i];
        }
        for (int i = 0; i < p.length; i++) {
            p[i] /= total;
        }
        return p;
    }

    @Test
    void drawsFollowTheSoftmax() {
        float[] logits = {0, 1, 2, -1, 0.5f, 3, -30};
        int draws = 40_000;
        int[] counts = new int[logits.length];
        for (int i = 0; i < draws; i++) {
            counts[sampler.sample(logits, 0, logits.length, new SampleSpec(params(1, 0, 1, 0, 1), i / 200), i % 200)]++;
        }
        double[] p = softmax(List.of(0, 1, 2, 3, 4, 5, 6), logits, 1);
        double chiSquare = 0;
        for (int i = 0; i < 6; i++) {
            chiSquare += Math.pow(counts[i] - draws * p[i], 2) / (draws * p[i]);
        }
        // 5 degrees of freedom: 20.5 is passed by chance once in a thousand, and the draws are fixed.
        assertTrue(chiSquare < 20.5, "chi square " + chiSquare);
        assertEquals(0, counts[6]);
    }

    @Test
    void theSameSeedDrawsTheSameAndAnotherDoesNot() {
        float[] logits = gaussian(1);
        int same = 0;
        for (int position = 0; position < 200; position++) {
            SampleSpec one = new SampleSpec(params(1, 0, 1, 0, 1), 1L << 40 | 5);
            SampleSpec two = new SampleSpec(params(1, 0, 1, 0, 1), 2L << 40 | 5);
            int token = sampler.sample(logits, 0, VOCAB, one, position);
            assertEquals(token, new Sampler().sample(logits, 0, VOCAB, one, position));
            same += token == sampler.sample(logits, 0, VOCAB, two, position) ? 1 : 0;
        }
        assertTrue(same < 30, same + " of 200 draws are the same under another seed");
    }

    @Test
    void penaltiesCountPromptAndReplyApart() {
        SamplingParams params = new SamplingParams(0, 0, 1, 0, 1, 2, 0.5f, 0.25f, Map.of(4, 100f, 2, 1f));
        // 1 and 2 are the prompt, then comes 2 twice: 8 / 2 + 1 - 2 * 0.5 - 0.25 = 3.75.
        int[] text = {1, 2, 2, 2};
        assertEquals(4, greedy(params, text, 1, 8, -1, 0, -50), "the bias decides");
        assertEquals(2, greedy(params, text, 1, 7, 8, 3.7f, -150), "3.75 of token 2 is more than 3.7");
        assertEquals(3, greedy(params, text, 1, 7, 8, 3.8f, -150), "and less than 3.8");
        assertEquals(1, greedy(params, text, -3, -1, -8, -2.1f, -150), "a negative logit is multiplied: -2 is more than -2.1");
        assertEquals(3, greedy(params, text, -3, -1, -8, -1.9f, -150), "and less than -1.9");
        assertEquals(1, greedy(params, text, 1, 7.9f, -1, 3.9f, -150), "a row leaves nothing behind for the next");
    }

    private int greedy(SamplingParams params, int[] text, float... logits) {
        return sampler.sample(logits, 0, 5, new SampleSpec(params, 0, 2, null), text.length, text, text.length);
    }

    @Test
    void onlyWhatTheMaskAllowsCanCome() {
        float[] logits = gaussian(2);
        for (int allowed = 0; allowed < VOCAB; allowed += 37) {
            TokenMask mask = TokenMask.allowing(VOCAB, allowed);
            for (SamplingParams params : List.of(SamplingParams.GREEDY, params(1, 0, 1, 0, 1), params(1, 5, 0.5f, 0.5f, 0.5f))) {
                assertEquals(allowed, sampler.sample(logits, 0, VOCAB, new SampleSpec(params, 3, 0, mask), 0));
            }
        }
        float[] hopeless = {5, Float.NEGATIVE_INFINITY, Float.NaN};
        assertEquals(1, sampler.sample(hopeless, 0, 3, new SampleSpec(SamplingParams.GREEDY, 3, 0, TokenMask.allowing(3, 1, 2)), 0));
        assertThrows(IllegalArgumentException.class, () -> TokenMask.allowing(40));
        assertThrows(IllegalArgumentException.class, () -> TokenMask.of(33, new int[] {0, ~1}));
    }

    private float[] gaussian(double deviation) {
        float[] logits = new float[VOCAB];
        for (int i = 0; i < VOCAB; i++) {
            logits[i] = (float) (random.nextGaussian() * deviation);
        }
        return logits;
    }

    private static SampleSpec spec(SamplingParams params) {
        return new SampleSpec(params, 42);
    }

    private static SamplingParams params(float temperature, int topK, float topP, float minP, float typicalP) {
        return new SamplingParams(temperature, topK, topP, minP, typicalP, 1, 0, 0, Map.of());
    }
}
