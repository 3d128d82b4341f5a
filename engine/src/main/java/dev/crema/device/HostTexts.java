package dev.crema.device;

import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.Sampler;

/** Which token each slot of the KV cache holds, for devices that sample on the host: the texts that penalties look at. */
public final class HostTexts {
    private static final int[] NO_TEXT = {};

    private final int[] tokenOfSlot;

    public HostTexts(Limits limits) {
        tokenOfSlot = new int[HostBuffers.arraySize((long) limits.kvPages() * KvPool.PAGE_TOKENS, "the tokens of the KV cache")];
    }

    /** Goes with {@link KvPool.PageCopier}. */
    public void copyPage(int fromPage, int toPage) {
        System.arraycopy(tokenOfSlot, fromPage * KvPool.PAGE_TOKENS, tokenOfSlot, toPage * KvPool.PAGE_TOKENS, KvPool.PAGE_TOKENS);
    }

    /** Goes with {@link KvPages#write}. */
    public void write(int page, int[] tokens) {
        System.arraycopy(tokens, 0, tokenOfSlot, page * KvPool.PAGE_TOKENS, tokens.length);
    }

    /** Adds the tokens of a batch, after putting those in place that the step before sampled. */
    public void begin(FlatBatch batch, int[] sampledBefore) {
        batch.resolve(sampledBefore);
        for (int i = 0; i < batch.tokens; i++) {
            tokenOfSlot[batch.slots[i]] = batch.tokenIds[i];
        }
    }

    /** The token of one output row of the batch that began last, whose logits stand with those of all rows; -1 where it has no spec. */
    public int sample(Sampler sampler, FlatBatch batch, int row, float[] logits, int vocab) {
        return sample(sampler, batch, row, logits, row * vocab, vocab);
    }

    /** The same with the row's logits at {@code offset}. */
    public int sample(Sampler sampler, FlatBatch batch, int row, float[] logits, int offset, int vocab) {
        SampleSpec spec = batch.samples[row];
        if (spec == null) {
            return -1;
        }
        int position = batch.outputPositions[row];
        int sequence = batch.sequenceOf[batch.outputTokens[row]];
        int[] text = spec.params().hasPenalties() ? text(batch, sequence, spec.seen(position, batch.lengths[sequence])) : NO_TEXT;
        return sampler.sample(logits, offset, vocab, spec, position, text, text.length);
    }

    private int[] text(FlatBatch batch, int sequence, int length) {
        int[] text = new int[length];
        for (int from = 0; from < length; from += KvPool.PAGE_TOKENS) {
            int page = batch.pageTable[sequence * batch.pageStride + from / KvPool.PAGE_TOKENS];
            System.arraycopy(tokenOfSlot, page * KvPool.PAGE_TOKENS, text, from, Math.min(KvPool.PAGE_TOKENS, length - from));
        }
        return text;
    }
}
