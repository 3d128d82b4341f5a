package dev.crema.conformance;

import dev.crema.device.Limits;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;

import java.util.Map;

/** Whole small models against the reference, through prefill, mixed batches, forks and truncations. */
final class GraphCases {
    private static final Limits LIMITS = new Limits(48, 12, 4, 128, 30);

    /** Of both models. */
    private static final int VOCAB = TinyLlama.VOCAB;

    private GraphCases() { }

    static void addTo(CaseList list) {
        for (DType format : Sizes.FORMATS) {
            llama(list, Sizes.nameOf(format), format, false, 0);
        }
        llama(list, "f32_extras", DType.F32, true, 0);
        llama(list, "q8_0_extras", DType.Q8_0, true, 0);
        llama(list, "f32_window9", DType.F32, false, 9);
        for (DType format : new DType[] {DType.F32, DType.F16, DType.Q8_0}) {
            model(list, "mixture/" + Sizes.nameOf(format), format, name -> new TinyMixture(name, format).graph());
        }
    }

    private static void llama(CaseList list, String variant, DType format, boolean extras, int window) {
        model(list, "llama/" + variant, format, name -> new TinyLlama(name, format, extras, window).graph());
    }

    private static void model(CaseList list, String variant, DType format, CaseList.GraphMaker graph) {
        list.model("graphs/" + variant, format, LIMITS, graph, run -> {
            run.vocab(VOCAB);
            var greedy = new SampleSpec(SamplingParams.GREEDY, 1);
            // Tokens of quantised models may differ where two logits are close; those of plain formats may not.
            SampleSpec drawn = format.blockSize() == 1 ? new SampleSpec(new SamplingParams(0.7f, 20, 0.9f, 0, 1, 1, 0, 0, Map.of()), 7) : null;
            SampleSpec best = drawn == null ? null : greedy;
            run.add(0, 33, 1, best).add(1, 7, 3, drawn).awaitStep();
            run.add(1, 1, 1, drawn).add(0, 1, 1, best).add(2, 40, 2, drawn).awaitStep();
            run.fork(0, 3);
            run.sequence(2).truncate(17);
            run.add(2, 5, 1, best).add(3, 1, 1, best).add(0, 1, 1, drawn).awaitStep();
            run.add(0, 30, 0).awaitStep();
            run.add(0, 1, 1, drawn).awaitStep();
        });
    }
}
