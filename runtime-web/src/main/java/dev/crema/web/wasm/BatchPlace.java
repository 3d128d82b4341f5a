package dev.crema.web.wasm;

import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;

/** Where kernels find the batch: numbers of rows, then arrays of i32, each with room for what the limits allow. */
final class BatchPlace {
    private static final int HEADER_BYTES = 16;

    /** Addresses of words: rows that are tokens, rows that are outputs, and always 1. */
    final int tokens;
    final int outputs;
    final int one;
    final int ids;
    final int positions;
    /** The last position of each token's sequence. */
    final int ends;
    final int slots;
    final int sequences;
    final int outputTokens;
    /** [sequences, pageStride]. */
    final int pages;
    final int pageStride;
    private final KernelHost host;
    private final int[] counts = {0, 0, 1};
    private final int[] row;
    private final int[] endOf;

    BatchPlace(KernelHost host, Limits limits, Region region) {
        this.host = host;
        pageStride = limits.pagesPerSequence();
        row = new int[pageStride];
        int tokenBytes = 4 * limits.maxTokens();
        int start = region.take(HEADER_BYTES + 5L * tokenBytes + 4L * limits.maxOutputs() + 4L * limits.maxSequences() * pageStride, "a batch");
        tokens = start;
        outputs = start + 4;
        one = start + 8;
        ids = start + HEADER_BYTES;
        positions = ids + tokenBytes;
        ends = positions + tokenBytes;
        endOf = new int[limits.maxTokens()];
        slots = ends + tokenBytes;
        sequences = slots + tokenBytes;
        outputTokens = sequences + tokenBytes;
        pages = outputTokens + 4 * limits.maxOutputs();
        host.writeInts(start, counts, counts.length);
    }

    void write(FlatBatch batch) {
        counts[0] = batch.tokens;
        counts[1] = batch.outputs;
        host.writeInts(tokens, counts, counts.length);
        host.writeInts(ids, batch.tokenIds, batch.tokens);
        host.writeInts(positions, batch.positions, batch.tokens);
        for (int token = 0; token < batch.tokens; token++) {
            endOf[token] = batch.lastSeen(token);
        }
        host.writeInts(ends, endOf, batch.tokens);
        host.writeInts(slots, batch.slots, batch.tokens);
        host.writeInts(sequences, batch.sequenceOf, batch.tokens);
        host.writeInts(outputTokens, batch.outputTokens, batch.outputs);
        for (int s = 0; s < batch.sequences; s++) {
            int count = (batch.lengths[s] + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
            System.arraycopy(batch.pageTable, s * pageStride, row, 0, count);
            host.writeInts(pages + 4 * s * pageStride, row, count);
        }
    }
}
