package dev.crema.web.device;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.sampling.LogitEdits;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Int32Array;

/** Packs a batch into the words that batch.wgsl reads, one array after the other, and sends them with one write. */
final class BatchWriter {
    /** Words of the header; see batch.wgsl. */
    static final int HEADER_WORDS = 16;
    static final int TOKENS = 0;
    static final int OUTPUTS = 1;
    static final int IDS_AT = 2;
    private static final int POSITIONS_AT = 3;
    private static final int SLOTS_AT = 4;
    private static final int PAGES_OF_AT = 5;
    private static final int OUTPUT_TOKENS_AT = 6;
    private static final int SAMPLES_AT = 7;
    /** Words of a sampling record; see sample.wgsl. */
    private static final int RECORD_WORDS = 10;
    /** Ids that a sequence may edit beside those of its own text. */
    private static final int EXTRA_EDITS = 8192;

    private final Int32Array words;
    private final int editWords;
    private int used;

    BatchWriter(Limits limits, int vocab) {
        int perSequence = 3 * Math.min(vocab, limits.contextLength() + EXTRA_EDITS);
        editWords = Math.multiplyExact(limits.maxSequences(), perSequence);
        words = new Int32Array(Math.addExact(editWords, HEADER_WORDS + 4 * limits.maxTokens() + limits.maxSequences() * limits.pagesPerSequence()
            + (2 + RECORD_WORDS) * limits.maxOutputs()));
    }

    long bytes() {
        return 4L * words.getLength();
    }

    /** Throws where the edits of the batch are more than there is room for, before anything has changed. */
    void checkEdits(Iterable<SampleSpec> specs) {
        long needed = 0;
        for (SampleSpec spec : specs) {
            needed += spec == null ? 0 : 3L * spec.edits().size();
        }
        if (needed > editWords) {
            throw new CremaException(ErrorCode.INVALID_REQUEST, "The batch edits " + needed / 3 + " logits, and there is room for "
                + editWords / 3 + ".", "Bias fewer tokens.");
        }
    }

    /** Packs and queues the write. */
    void write(FlatBatch batch, GPUQueue queue, GPUBuffer target) {
        used = HEADER_WORDS;
        words.set(TOKENS, batch.tokens);
        words.set(OUTPUTS, batch.outputs);
        put(IDS_AT, batch.tokenIds, batch.tokens);
        put(POSITIONS_AT, batch.positions, batch.tokens);
        put(SLOTS_AT, batch.slots, batch.tokens);
        putPages(batch);
        put(OUTPUT_TOKENS_AT, batch.outputTokens, batch.outputs);
        putSamples(batch);
        queue.writeBuffer(target, 0, words, 0, used);
    }

    private void put(int headerWord, int[] values, int count) {
        words.set(headerWord, used);
        for (int i = 0; i < count; i++) {
            words.set(used++, values[i]);
        }
    }

    /** Only the pages in use are sent; each token is told where its sequence's begin. */
    private void putPages(FlatBatch batch) {
        words.set(PAGES_OF_AT, used);
        int pagesAt = used + batch.tokens;
        for (int token = 0, sequence = 0; token < batch.tokens; token++) {
            while (sequence < batch.sequenceOf[token]) {
                pagesAt += pages(batch, sequence++);
            }
            words.set(used++, pagesAt);
        }
        for (int s = 0; s < batch.sequences; s++) {
            for (int i = 0; i < pages(batch, s); i++) {
                words.set(used++, batch.pageTable[s * batch.pageStride + i]);
            }
        }
    }

    private static int pages(FlatBatch batch, int sequence) {
        return (batch.lengths[sequence] + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
    }

    /** A record a row, 0 for none; rows of one spec share its edits. */
    private void putSamples(FlatBatch batch) {
        words.set(SAMPLES_AT, used);
        int recordsAt = used;
        used += batch.outputs;
        int editsAt = 0;
        for (int row = 0; row < batch.outputs; row++) {
            SampleSpec spec = batch.samples[row];
            words.set(recordsAt + row, spec == null ? 0 : used);
            if (spec == null) {
                continue;
            }
            if (row == 0 || batch.samples[row - 1] != spec) {
                words.set(recordsAt + row, used + 3 * spec.edits().size());
                editsAt = putEdits(spec.edits());
            }
            putRecord(spec, batch.outputPositions[row], editsAt);
        }
    }

    private int putEdits(LogitEdits edits) {
        int at = used;
        for (int i = 0; i < edits.size(); i++) {
            words.set(used++, edits.ids()[i]);
        }
        for (int i = 0; i < edits.size(); i++) {
            words.set(used++, Float.floatToRawIntBits(edits.scales()[i]));
        }
        for (int i = 0; i < edits.size(); i++) {
            words.set(used++, Float.floatToRawIntBits(edits.shifts()[i]));
        }
        return at;
    }

    private void putRecord(SampleSpec spec, int position, int editsAt) {
        SamplingParams params = spec.params();
        put(params.temperature() == 0 ? 0 : 1 / params.temperature());
        words.set(used++, params.topK());
        put(params.topP());
        // Below every difference of two logits where there is no such filter.
        put(params.minP() > 0 ? (float) Math.log(params.minP()) : -Float.MAX_VALUE);
        put(params.typicalP());
        words.set(used++, (int) spec.seed());
        words.set(used++, (int) (spec.seed() >>> 32));
        words.set(used++, position);
        words.set(used++, spec.edits().size());
        words.set(used++, editsAt);
    }

    private void put(float value) {
        words.set(used++, Float.floatToRawIntBits(value));
    }
}
