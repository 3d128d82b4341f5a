package dev.crema.web.device;

import dev.crema.device.FlatBatch;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import org.teavm.jso.typedarrays.Int32Array;

/** How a row is sampled, in the words that sampling.wgsl names. */
final class SampleRecords {
    static final int WORDS = 18;
    private static final int GREEDY = 0;
    private static final int DRAW = 1;
    private static final int FILTER = 2;
    private static final int NO_COUNTS = -1;
    /** Below every difference of two logits: keeps all. */
    private static final float NO_MIN_P = -1e38f;

    private SampleRecords() { }

    static void put(FlatBatch batch, int row, Lanes.Lane lane, int vocab, Int32Array words, int at) {
        SampleSpec spec = batch.samples[row];
        SamplingParams params = spec.params();
        words.set(at, bits(params.temperature() == 0 ? 0 : 1 / params.temperature()));
        words.set(at + 1, params.topK());
        words.set(at + 2, bits(params.topP()));
        words.set(at + 3, bits(params.minP() > 0 ? (float) Math.log(params.minP()) : NO_MIN_P));
        words.set(at + 4, bits(params.typicalP()));
        words.set(at + 5, (int) spec.seed());
        words.set(at + 6, (int) (spec.seed() >>> 32));
        words.set(at + 7, batch.outputPositions[row]);
        words.set(at + 8, mode(params, vocab));
        words.set(at + 9, spec.mask() == null ? 0 : lane.maskAt);
        words.set(at + 10, params.logitBias().size());
        words.set(at + 11, lane.biasesAt);
        words.set(at + 12, params.hasPenalties() ? lane.countsAt : NO_COUNTS);
        words.set(at + 13, bits(params.repetitionPenalty()));
        words.set(at + 14, bits(params.frequencyPenalty()));
        words.set(at + 15, bits(params.presencePenalty()));
        putLater(batch, row, spec, words, at + 16);
    }

    private static int mode(SamplingParams params, int vocab) {
        if (params.temperature() == 0) {
            return GREEDY;
        }
        boolean filters = params.topK() > 0 && params.topK() < vocab || params.topP() < 1 || params.minP() > 0 || params.typicalP() < 1;
        return filters ? FILTER : DRAW;
    }

    /** The tokens of the reply that this step feeds after the row's own: they are counted, and the row may not see them. */
    private static void putLater(FlatBatch batch, int row, SampleSpec spec, Int32Array words, int at) {
        int token = batch.outputTokens[row] + 1;
        int sequence = batch.sequenceOf[batch.outputTokens[row]];
        int end = token + batch.lengths[sequence] - batch.outputPositions[row];
        int from = Math.min(end, Math.max(token, end - batch.lengths[sequence] + spec.promptTokens()));
        words.set(at, spec.params().hasPenalties() ? end - from : 0);
        words.set(at + 1, from);
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }
}
