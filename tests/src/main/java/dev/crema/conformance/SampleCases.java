package dev.crema.conformance;

import dev.crema.device.Limits;
import dev.crema.graph.GraphBuilder;
import dev.crema.sampling.LogitEdits;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;

import java.util.Map;

import static dev.crema.conformance.CaseList.outputs;

/** Sampling: every rule alone and together; a device must draw exactly the reference's tokens. */
final class SampleCases {
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 0, LogitEdits.NONE);

    private SampleCases() { }

    static void addTo(CaseList list) {
        for (int vocab : new int[] {1, 2, 31, 33, 64, 255, 257, 1000, 4098, 32001}) {
            list(list, "greedy/v" + vocab, vocab, SamplingParams.GREEDY, LogitEdits.NONE);
            list(list, "temperature/v" + vocab, vocab, params(1, 0, 1, 0, 1), LogitEdits.NONE);
            list(list, "all/v" + vocab, vocab, params(0.8f, 40, 0.9f, 0.05f, 0.95f), edits(vocab));
        }
        for (int vocab : new int[] {33, 1000, 4098}) {
            list(list, "hot/v" + vocab, vocab, params(5, 0, 1, 0, 1), LogitEdits.NONE);
            list(list, "cold/v" + vocab, vocab, params(0.1f, 0, 1, 0, 1), LogitEdits.NONE);
            for (int k : new int[] {1, 2, 7, 50, 999}) {
                list(list, "topK" + k + "/v" + vocab, vocab, params(1.5f, k, 1, 0, 1), LogitEdits.NONE);
            }
            for (float p : new float[] {0.01f, 0.5f, 0.9f, 0.99f}) {
                list(list, "topP" + p + "/v" + vocab, vocab, params(1.2f, 0, p, 0, 1), LogitEdits.NONE);
                list(list, "typical" + p + "/v" + vocab, vocab, params(1.2f, 0, 1, 0, p), LogitEdits.NONE);
            }
            for (float p : new float[] {0.001f, 0.1f, 0.9f, 1}) {
                list(list, "minP" + p + "/v" + vocab, vocab, params(1.2f, 0, 1, p, 1), LogitEdits.NONE);
            }
            list(list, "edits_greedy/v" + vocab, vocab, SamplingParams.GREEDY, edits(vocab));
            list(list, "edits/v" + vocab, vocab, params(1, 0, 1, 0, 1), edits(vocab));
        }
    }

    private static SamplingParams params(float temperature, int topK, float topP, float minP, float typicalP) {
        return new SamplingParams(temperature, topK, topP, minP, typicalP, 1, 0, 0, Map.of());
    }

    /** A third of the vocabulary is edited (at most 100 ids): penalties, biases, one ban. */
    private static LogitEdits edits(int vocab) {
        int count = Math.min(100, (vocab + 2) / 3);
        var noise = new Noise(vocab);
        int[] ids = new int[count];
        float[] scales = new float[count];
        float[] shifts = new float[count];
        for (int i = 0; i < count; i++) {
            ids[i] = i * (vocab / count);
            scales[i] = i % 2 == 0 ? 1.3f : 1;
            shifts[i] = i % 3 == 0 ? noise.next(4) : 0;
        }
        shifts[count - 1] = -100;
        return new LogitEdits(ids, scales, shifts);
    }

    private static void list(CaseList list, String rule, int vocab, SamplingParams params, LogitEdits edits) {
        list.add("kernels/sample/" + rule, DType.F32, 10.0 * 20 * vocab, 4.0 * 20 * vocab, new Limits(40, 24, 6, 100, 40), 4, name -> {
            var g = new GraphBuilder("sample");
            return g.buildWithSampling(g.add("logits", g.input("a", outputs(vocab)), g.input("b", outputs(vocab))));
        }, run -> {
            var one = new SampleSpec(params, 0x123456789ABCDEFL, edits);
            var other = new SampleSpec(params, -42, LogitEdits.NONE);
            run.add(0, 12, 12, one).add(1, 5, 5, other).add(2, 2, 2, null).add(3, 9, 0, null).add(4, 3, 1, GREEDY).awaitStep();
            run.add(4, 1, 1, one).add(0, 6, 6, other).awaitStep();
        });
    }
}
