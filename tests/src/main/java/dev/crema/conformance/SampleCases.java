package dev.crema.conformance;

import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.sampling.TokenMask;
import dev.crema.tensor.DType;

import java.util.HashMap;
import java.util.Map;

import static dev.crema.conformance.CaseList.outputs;

/** Sampling: every rule alone and together; a device must draw exactly the reference's tokens. */
final class SampleCases {
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 0);

    private SampleCases() { }

    static void addTo(CaseList list) {
        for (int vocab : new int[] {1, 2, 31, 33, 64, 255, 257, 1000, 4098, 32001}) {
            list(list, "greedy/v" + vocab, vocab, SamplingParams.GREEDY, null);
            list(list, "temperature/v" + vocab, vocab, params(1, 0, 1, 0, 1), null);
            list(list, "all/v" + vocab, vocab, edited(params(0.8f, 40, 0.9f, 0.05f, 0.95f), vocab), null);
        }
        for (int vocab : new int[] {33, 1000, 4098}) {
            list(list, "hot/v" + vocab, vocab, params(5, 0, 1, 0, 1), null);
            list(list, "cold/v" + vocab, vocab, params(0.1f, 0, 1, 0, 1), null);
            for (int k : new int[] {1, 2, 7, 50, 999}) {
                list(list, "topK" + k + "/v" + vocab, vocab, params(1.5f, k, 1, 0, 1), null);
            }
            for (float p : new float[] {0.01f, 0.5f, 0.9f, 0.99f}) {
                list(list, "topP" + p + "/v" + vocab, vocab, params(1.2f, 0, p, 0, 1), null);
                list(list, "typical" + p + "/v" + vocab, vocab, params(1.2f, 0, 1, 0, p), null);
            }
            for (float p : new float[] {0.001f, 0.1f, 0.9f, 1}) {
                list(list, "minP" + p + "/v" + vocab, vocab, params(1.2f, 0, 1, p, 1), null);
            }
            masks(list, vocab);
        }
        // The largest vocabulary that models have, by each way through the kernels.
        int largest = 151_936;
        large(list, "greedy/v" + largest, largest, SamplingParams.GREEDY);
        large(list, "temperature/v" + largest, largest, params(1, 0, 1, 0, 1));
        large(list, "topK40/v" + largest, largest, params(1, 40, 0.95f, 0, 1));
        large(list, "topP0.9/v" + largest, largest, params(0.7f, 0, 0.9f, 0, 1));
        large(list, "edits/v" + largest, largest, edited(params(1, 0, 1, 0.05f, 1), largest));
    }

    /** Few rows, because each is long. */
    private static void large(CaseList list, String rule, int vocab, SamplingParams params) {
        list.add("kernels/sample/" + rule, DType.F32, 10.0 * 2 * vocab, 4.0 * 2 * vocab, new Limits(8, 3, 2, 32, 4), 4, name -> graph(vocab), run -> {
            var spec = new SampleSpec(params, 77, 2, null);
            run.vocab(9).add(0, 4, 1, spec).add(1, 1, 1, spec).awaitStep();
        });
    }

    private static Graph graph(int vocab) {
        var g = new GraphBuilder("sample");
        return g.buildWithSampling(g.add("logits", g.input("a", outputs(vocab)), g.input("b", outputs(vocab))));
    }

    /** Penalties, biases and masks, alone and with each filter. */
    private static void masks(CaseList list, int vocab) {
        TokenMask few = some(vocab, 7);
        TokenMask half = some(vocab, 2);
        list(list, "edits_greedy/v" + vocab, vocab, edited(SamplingParams.GREEDY, vocab), null);
        list(list, "edits/v" + vocab, vocab, edited(params(1, 0, 1, 0, 1), vocab), null);
        list(list, "mask_greedy/v" + vocab, vocab, SamplingParams.GREEDY, few);
        list(list, "mask_one_greedy/v" + vocab, vocab, SamplingParams.GREEDY, TokenMask.allowing(vocab, vocab - 1));
        list(list, "mask_one/v" + vocab, vocab, params(1, 40, 0.9f, 0.1f, 0.9f), TokenMask.allowing(vocab, vocab / 2));
        list(list, "mask_temperature/v" + vocab, vocab, params(1, 0, 1, 0, 1), half);
        list(list, "mask_topK/v" + vocab, vocab, params(1.5f, 12, 1, 0, 1), few);
        list(list, "mask_topP/v" + vocab, vocab, params(1.2f, 0, 0.9f, 0, 1), half);
        list(list, "mask_minP/v" + vocab, vocab, params(1.2f, 0, 1, 0.1f, 1), half);
        list(list, "mask_typical/v" + vocab, vocab, params(1.2f, 0, 1, 0, 0.9f), half);
        list(list, "mask_edits/v" + vocab, vocab, edited(params(1, 0, 1, 0, 1), vocab), half);
        list(list, "mask_all/v" + vocab, vocab, edited(params(0.8f, 40, 0.9f, 0.05f, 0.95f), vocab), half);
    }

    private static TokenMask some(int vocab, int every) {
        int[] words = new int[(vocab + 31) / 32];
        for (int id = 1; id < vocab; id += every) {
            words[id / 32] |= 1 << id % 32;
        }
        return TokenMask.of(vocab, words);
    }

    private static SamplingParams params(float temperature, int topK, float topP, float minP, float typicalP) {
        return new SamplingParams(temperature, topK, topP, minP, typicalP, 1, 0, 0, Map.of());
    }

    /** With all penalties, and biases on a third of the vocabulary (at most 100 ids), the last a ban. */
    private static SamplingParams edited(SamplingParams params, int vocab) {
        int count = Math.min(100, (vocab + 2) / 3);
        var noise = new Noise(vocab);
        var biases = new HashMap<Integer, Float>();
        for (int i = 0; i < count; i++) {
            biases.put(i * (vocab / count), i == count - 1 ? -100 : noise.next(4));
        }
        return new SamplingParams(params.temperature(), params.topK(), params.topP(), params.minP(), params.typicalP(), 1.3f, 0.4f, 0.7f, biases);
    }

    private static void list(CaseList list, String rule, int vocab, SamplingParams params, TokenMask mask) {
        list.add("kernels/sample/" + rule, DType.F32, 10.0 * 20 * vocab, 4.0 * 20 * vocab, new Limits(40, 24, 6, 100, 40), 4, name -> graph(vocab), run -> {
            var one = new SampleSpec(params, 0x123456789ABCDEFL, 5, mask);
            var other = new SampleSpec(params, -42);
            // Tokens of texts come from few, so that they repeat.
            run.vocab(Math.min(vocab, 9));
            run.add(0, 12, 12, one).add(1, 5, 5, other).add(2, 2, 2, null).add(3, 9, 0, null).add(4, 3, 1, GREEDY).awaitStep();
            run.add(4, 1, 1, one).add(0, 6, 6, other).add(3, 2, 2, one).awaitStep();
            run.add(4, 1, 1, one).add(0, 1, 1, other).awaitStep();
        });
    }
}
