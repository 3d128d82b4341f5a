package dev.crema.device;

import dev.crema.graph.Op;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.TokenMask;

/**
 * A batch as plain arrays, the form in which every device runs it. Making one checks the batch against the limits and grows its
 * sequences; a batch that does not fit throws and changes nothing.
 */
public final class FlatBatch {
    public final Batch batch;
    /** Tokens, outputs and sequences of the batch. */
    public final int tokens;
    public final int outputs;
    public final int sequences;
    /**
     * Of each token: its id, position, place in the KV cache ({@link Sequence#slot}) and which sequence of the batch it belongs to. A negative id
     * is {@code ~row}: what that row of the step before sampled.
     */
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] slots;
    public final int[] sequenceOf;
    /** Of each sequence: its pages, {@code pageStride} entries a sequence, and its length after the step. */
    public final int pageStride;
    public final int[] pageTable;
    public final int[] lengths;
    /** Of each output row: the token it belongs to, the position it predicts, how to sample it (or null), whether the host reads it. */
    public final int[] outputTokens;
    public final int[] outputPositions;
    public final SampleSpec[] samples;
    public final boolean[] wantsLogits;

    private FlatBatch(Batch batch, Limits limits) {
        this.batch = batch;
        tokens = batch.tokens();
        outputs = batch.outputs();
        sequences = batch.items().size();
        pageStride = limits.pagesPerSequence();
        tokenIds = new int[tokens];
        positions = new int[tokens];
        slots = new int[tokens];
        sequenceOf = new int[tokens];
        pageTable = new int[sequences * pageStride];
        lengths = new int[sequences];
        outputTokens = new int[outputs];
        outputPositions = new int[outputs];
        samples = new SampleSpec[outputs];
        wantsLogits = new boolean[outputs];
    }

    /** Checks, grows the sequences and flattens. {@code pool} is the executable's, {@code vocabSize} bounds the token ids. */
    public static FlatBatch of(Batch batch, Limits limits, KvPool pool, int vocabSize) {
        check(batch, limits, pool, vocabSize);
        var flat = new FlatBatch(batch, limits);
        pool.nextStep();
        int token = 0;
        int output = 0;
        for (int s = 0; s < flat.sequences; s++) {
            Batch.Item item = batch.items().get(s);
            Sequence sequence = item.sequence();
            int start = sequence.length();
            int count = item.tokens().length;
            sequence.append(count);
            for (int i = 0; i < count; i++, token++) {
                flat.tokenIds[token] = item.tokens()[i] == Batch.SAMPLED ? ~sequence.sampledRow() : item.tokens()[i];
                flat.positions[token] = start + i;
                flat.slots[token] = sequence.slot(start + i);
                flat.sequenceOf[token] = s;
                if (i >= count - item.outputs()) {
                    flat.outputTokens[output] = token;
                    flat.outputPositions[output] = start + i + 1;
                    flat.samples[output] = item.sample();
                    flat.wantsLogits[output] = item.logits();
                    output++;
                }
            }
            for (int i = 0; i < sequence.pageCount(); i++) {
                flat.pageTable[s * flat.pageStride + i] = sequence.page(i);
            }
            flat.lengths[s] = sequence.length();
            sequence.samples(item.outputs() > 0 && item.sample() != null ? output - 1 : -1);
        }
        return flat;
    }

    /** The row of a table that {@code index} gives a token of the batch. */
    public int row(Op.Index index, int token) {
        return switch (index.kind()) {
            case TOKEN -> tokenIds[token] + index.offset();
            case POSITION -> positions[token] + index.offset();
            case FIXED -> index.offset();
        };
    }

    /** The last position of a token's sequence after this batch. */
    public int lastSeen(int token) {
        return lengths[sequenceOf[token]] - 1;
    }

    /** Puts what the step before sampled, row by row, where ids refer to it. */
    public void resolve(int[] sampledBefore) {
        for (int i = 0; i < tokens; i++) {
            if (tokenIds[i] < 0) {
                tokenIds[i] = sampledBefore[~tokenIds[i]];
            }
        }
    }

    private static void check(Batch batch, Limits limits, KvPool pool, int vocabSize) {
        require(batch.tokens(), limits.maxTokens(), "tokens");
        require(batch.outputs(), limits.maxOutputs(), "outputs");
        require(batch.items().size(), limits.maxSequences(), "sequences");
        int pages = 0;
        for (int i = 0; i < batch.items().size(); i++) {
            Batch.Item item = batch.items().get(i);
            item.sequence().checkIn(pool);
            require((long) item.sequence().length() + item.tokens().length, limits.contextLength(), "tokens in a sequence");
            pages += item.sequence().pagesToAppend(item.tokens().length);
            checkTokens(item, vocabSize);
            for (int j = 0; j < i; j++) {
                if (batch.items().get(j).sequence() == item.sequence()) {
                    throw new IllegalArgumentException("a sequence stands in the batch twice");
                }
            }
        }
        if (pages > pool.freePages() && pages - originalsKept(batch, pool) > pool.freePages()) {
            throw pool.exhausted();
        }
    }

    private static void checkTokens(Batch.Item item, int vocabSize) {
        for (int i = 0; i < item.tokens().length; i++) {
            int id = item.tokens()[i];
            if (id == Batch.SAMPLED && i == 0) {
                if (!item.sequence().hasSampled()) {
                    throw new IllegalArgumentException("the step before did not sample the sequence's next token");
                }
            } else if (id < 0 || id >= vocabSize) {
                throw new IllegalArgumentException("token id " + id + " is outside the vocabulary of " + vocabSize);
            }
        }
        TokenMask mask = item.sample() == null ? null : item.sample().mask();
        if (mask != null && vocabSize != Integer.MAX_VALUE && mask.vocab() != vocabSize) {
            throw new IllegalArgumentException("a mask of " + mask.vocab() + " tokens for a vocabulary of " + vocabSize);
        }
    }

    /** Where all holders of a shared page stand in the batch, the last of them need not copy it. */
    private static int originalsKept(Batch batch, KvPool pool) {
        int kept = 0;
        for (int i = 0; i < batch.items().size(); i++) {
            int page = batch.items().get(i).sequence().pageToCopy();
            int holders = 0;
            for (int j = 0; j <= i; j++) {
                holders += batch.items().get(j).sequence().pageToCopy() == page ? 1 : 0;
            }
            kept += page >= 0 && holders == pool.references(page) ? 1 : 0;
        }
        return kept;
    }

    private static void require(long count, int limit, String what) {
        if (count > limit) {
            throw new IllegalArgumentException("a batch of " + count + " " + what + " is over the limit of " + limit);
        }
    }
}
