package dev.crema.web.device;

import dev.crema.device.Batch;
import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.TokenMask;
import dev.crema.web.gpu.GPUBuffer;
import dev.crema.web.gpu.GPUQueue;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.Map;
import java.util.TreeMap;

/**
 * Packs what a step needs into words and sends them with one write: a header, one array after the other, a record for each sequence
 * (begin.wgsl) and row (SampleRecords). Of what stays on the device only changes are sent.
 */
final class BatchWriter {
    /** Words of the header; see batch_layout.wgsl. */
    static final int HEADER_WORDS = 16;
    static final int TOKENS = 0;
    static final int OUTPUTS = 1;
    static final int IDS_AT = 2;
    private static final int POSITIONS_AT = 3;
    private static final int SLOTS_AT = 4;
    private static final int PAGES_OF_AT = 5;
    private static final int OUTPUT_TOKENS_AT = 6;
    private static final int SAMPLES_AT = 7;
    private static final int SEQUENCES = 8;
    private static final int SEQUENCES_AT = 9;
    /** Words of a sequence's record, and what it may tell to count; see begin.wgsl. */
    private static final int SEQUENCE_WORDS = 9;
    private static final int COUNTING_NOTHING = 0;
    private static final int COUNTING_NEW = 1;
    private static final int COUNTING_ALL = 2;

    private final Lanes lanes;
    private final Int32Array words;
    private int used;

    BatchWriter(Limits limits, int vocab) {
        lanes = new Lanes(limits, vocab);
        int perStep = HEADER_WORDS + 4 * limits.maxTokens() + (2 + SampleRecords.WORDS) * limits.maxOutputs()
            + SEQUENCE_WORDS * limits.maxSequences();
        words = new Int32Array(Math.addExact(perStep, lanes.updateWords()));
        lanes.place(words.getLength());
    }

    Lanes lanes() {
        return lanes;
    }

    /** Bytes of the batch buffer. */
    long bytes() {
        return 4L * words.getLength() + 4L * lanes.words();
    }

    /** Packs and queues the write. */
    void write(FlatBatch batch, GPUQueue queue, GPUBuffer target) {
        Lanes.Lane[] assigned = lanes.assign(batch);
        used = HEADER_WORDS;
        words.set(TOKENS, batch.tokens);
        words.set(OUTPUTS, batch.outputs);
        put(IDS_AT, batch.tokenIds, batch.tokens);
        put(POSITIONS_AT, batch.positions, batch.tokens);
        put(SLOTS_AT, batch.slots, batch.tokens);
        words.set(PAGES_OF_AT, used);
        for (int token = 0; token < batch.tokens; token++) {
            words.set(used++, assigned[batch.sequenceOf[token]].pagesAt);
        }
        put(OUTPUT_TOKENS_AT, batch.outputTokens, batch.outputs);
        putSamples(batch, assigned);
        putSequences(batch, assigned);
        queue.writeBuffer(target, 0, words, 0, used);
    }

    private void put(int headerWord, int[] values, int count) {
        words.set(headerWord, used);
        for (int i = 0; i < count; i++) {
            words.set(used++, values[i]);
        }
    }

    /** A record a row, 0 for none. */
    private void putSamples(FlatBatch batch, Lanes.Lane[] assigned) {
        words.set(SAMPLES_AT, used);
        int recordsAt = used;
        used += batch.outputs;
        for (int row = 0; row < batch.outputs; row++) {
            words.set(recordsAt + row, batch.samples[row] == null ? 0 : used);
            if (batch.samples[row] != null) {
                SampleRecords.put(batch, row, assigned[batch.sequenceOf[batch.outputTokens[row]]], lanes.vocab(), words, used);
                used += SampleRecords.WORDS;
            }
        }
    }

    private void putSequences(FlatBatch batch, Lanes.Lane[] assigned) {
        words.set(SEQUENCES, batch.sequences);
        words.set(SEQUENCES_AT, used);
        int at = used;
        used += SEQUENCE_WORDS * batch.sequences;
        int first = 0;
        for (int s = 0; s < batch.sequences; s++, at += SEQUENCE_WORDS) {
            Batch.Item item = batch.batch.items().get(s);
            int count = item.tokens().length;
            int copiesAt = used;
            int copies = putPages(batch, s, assigned[s]) + putMask(item.sample(), assigned[s]) + putBiases(item.sample(), assigned[s]);
            SampleSpec spec = item.sample();
            words.set(at, first);
            words.set(at + 1, count);
            words.set(at + 2, batch.lengths[s]);
            words.set(at + 3, assigned[s].pagesAt);
            words.set(at + 4, copies);
            words.set(at + 5, copiesAt);
            words.set(at + 6, counting(item, assigned[s]));
            words.set(at + 7, assigned[s].countsAt);
            words.set(at + 8, spec == null ? 0 : spec.promptTokens());
            first += count;
        }
    }

    /** Counts are kept only where a row asks for them, and brought up to date from the text when they are not. */
    private static int counting(Batch.Item item, Lanes.Lane lane) {
        SampleSpec spec = item.sample();
        if (spec == null || item.outputs() == 0 || !spec.params().hasPenalties()) {
            return COUNTING_NOTHING;
        }
        return lane.counts(item.sequence(), item.tokens().length, spec.promptTokens()) ? COUNTING_NEW : COUNTING_ALL;
    }

    /** The page table from the first entry on that the device has otherwise; how many copies that makes. */
    private int putPages(FlatBatch batch, int sequence, Lanes.Lane lane) {
        int count = (batch.lengths[sequence] + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
        int at = sequence * batch.pageStride;
        int same = 0;
        while (same < Math.min(count, lane.pageCount) && lane.pages[same] == batch.pageTable[at + same]) {
            same++;
        }
        if (same == count) {
            return 0;
        }
        words.set(used++, lane.pagesAt + same);
        words.set(used++, count - same);
        for (int i = same; i < count; i++) {
            lane.pages[i] = batch.pageTable[at + i];
            words.set(used++, lane.pages[i]);
        }
        lane.pageCount = count;
        return 1;
    }

    private int putMask(SampleSpec spec, Lanes.Lane lane) {
        TokenMask mask = spec == null ? null : spec.mask();
        if (mask == null || mask == lane.mask) {
            return 0;
        }
        lane.mask = mask;
        words.set(used++, lane.maskAt);
        words.set(used++, mask.wordCount());
        for (int i = 0; i < mask.wordCount(); i++) {
            words.set(used++, mask.word(i));
        }
        return 1;
    }

    private int putBiases(SampleSpec spec, Lanes.Lane lane) {
        Map<Integer, Float> biases = spec == null ? Map.of() : spec.params().logitBias();
        if (biases.isEmpty() || biases == lane.biases) {
            return 0;
        }
        lane.biases = biases;
        words.set(used++, lane.biasesAt);
        words.set(used++, 2 * biases.size());
        var sorted = new TreeMap<>(biases);
        for (int id : sorted.keySet()) {
            words.set(used++, id);
        }
        for (float bias : sorted.values()) {
            words.set(used++, Float.floatToRawIntBits(bias));
        }
        return 1;
    }
}
