package dev.crema.jvm.vector;

import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.graph.Op;

import java.util.Arrays;

/**
 * Attention in tiles of 6 queries that read the same kv head: the heads of its group, of one token or several. Where a sequence has few queries, as
 * in decode, each is a tile of its own, so that there is work for all threads. A piece is a tile: scores with all pages that it sees, a row a
 * query in the thread's memory, softmax, and the weighted sum of v.
 */
final class AttentionKernel implements Kernel {
    /** Queries of a sequence that read one kv head, up to which each is a tile. */
    private static final int FEW_QUERIES = 8;

    private final Op.Attention op;
    private final int group;
    private final float[] q;
    private final float[] k;
    private final float[] v;
    private final float[] sinks;
    private final float[] out;
    private final PanelCache cache;
    private final Scratch[] scratch;
    private FlatBatch batch;
    /** Of each sequence: its first token in the batch (one more entry for the end), and its tiles with those of the ones before. */
    private final int[] firstToken;
    private final int[] tileEnds;
    private final int valueDim;

    /** {@code sinks} may be null, and v, where it is a part of k. */
    AttentionKernel(Op.Attention op, float[] q, float[] k, float[] v, float[] sinks, float[] out, PanelCache cache, Scratch[] scratch,
            int maxSequences) {
        this.op = op;
        this.q = q;
        this.k = k;
        this.v = v;
        this.sinks = sinks;
        this.out = out;
        this.cache = cache;
        this.scratch = scratch;
        group = op.heads() / op.kvHeads();
        valueDim = op.valueDim();
        firstToken = new int[maxSequences + 1];
        tileEnds = new int[maxSequences];
    }

    /** Appends k and v here, because pieces read each other's. */
    @Override
    public int prepare(FlatBatch batch) {
        this.batch = batch;
        Arrays.fill(firstToken, 0);
        for (int t = 0; t < batch.tokens; t++) {
            cache.append(op.layer(), k, v, batch, t);
            firstToken[batch.sequenceOf[t] + 1] = t + 1;
        }
        int tiles = 0;
        for (int s = 0; s < batch.sequences; s++) {
            tiles += tilesOf(s);
            tileEnds[s] = tiles;
        }
        return tiles * op.kvHeads();
    }

    private int tilesOf(int sequence) {
        int rows = rowsOf(sequence);
        return (queriesOf(sequence) + rows - 1) / rows;
    }

    private int queriesOf(int sequence) {
        return (firstToken[sequence + 1] - firstToken[sequence]) * group;
    }

    /** Queries of a tile. */
    private int rowsOf(int sequence) {
        return queriesOf(sequence) <= FEW_QUERIES ? 1 : Tile.ROWS;
    }

    @Override
    public void run(int piece, int thread) {
        int tile = piece / op.kvHeads();
        int sequence = 0;
        while (tile >= tileEnds[sequence]) {
            sequence++;
        }
        int rows = rowsOf(sequence);
        int firstQuery = (tile - tileEnds[sequence] + tilesOf(sequence)) * rows;
        if (rows == 1) {
            attendOne(sequence, piece % op.kvHeads(), firstQuery, scratch[thread]);
            return;
        }
        attend(sequence, piece % op.kvHeads(), firstQuery, scratch[thread]);
    }

    /** Query number i of a sequence and kv head is token {@code i / group}, head {@code kvHead * group + i % group}. */
    private void attend(int sequence, int kvHead, int firstQuery, Scratch scratch) {
        int queries = Math.min(Tile.ROWS, (firstToken[sequence + 1] - firstToken[sequence]) * group - firstQuery);
        for (int r = 0; r < Tile.ROWS; r++) {
            int query = firstQuery + Math.min(r, queries - 1);
            int token = firstToken[sequence] + query / group;
            scratch.from[r] = (token * op.heads() + kvHead * group + query % group) * op.headDim();
        }
        int firstPosition = last(firstToken[sequence] + firstQuery / group);
        int lastPosition = last(firstToken[sequence] + (firstQuery + queries - 1) / group);
        int firstPage = first(firstPosition) / KvPool.PAGE_TOKENS;
        int lastPage = lastPosition / KvPool.PAGE_TOKENS;
        scores(sequence, kvHead, firstPage, lastPage, scratch);
        for (int r = 0; r < queries; r++) {
            int position = last(firstToken[sequence] + (firstQuery + r) / group);
            int base = r * scratch.scoreStride - firstPage * KvPool.PAGE_TOKENS;
            int from = first(position);
            Arrays.fill(scratch.scores, r * scratch.scoreStride, base + from, 0);
            Arrays.fill(scratch.scores, base + position + 1, base + (lastPage + 1) * KvPool.PAGE_TOKENS, 0);
            scratch.sums[r] = softmax(scratch.scores, base + from, position + 1 - from, kvHead * group + (firstQuery + r) % group);
        }
        weigh(sequence, kvHead, queries, firstPage, lastPosition, scratch);
    }

    /** The same with one query. */
    private void attendOne(int sequence, int kvHead, int query, Scratch scratch) {
        int token = firstToken[sequence] + query / group;
        int head = kvHead * group + query % group;
        int from = (token * op.heads() + head) * op.headDim();
        int position = last(token);
        int first = first(position);
        int firstPage = first / KvPool.PAGE_TOKENS;
        int lastPage = position / KvPool.PAGE_TOKENS;
        float[] scores = scratch.scores;
        Arrays.fill(scores, 0, (lastPage + 1 - firstPage) * KvPool.PAGE_TOKENS, 0);
        for (int i = firstPage; i <= lastPage; i++) {
            int page = page(sequence, i);
            float[] keys = cache.keys(op.layer(), page, scratch);
            int panel = cache.keyPanel(op.layer(), page, kvHead, scratch);
            Tile.addRow(q, from, keys, panel, op.headDim(), scores, (i - firstPage) * KvPool.PAGE_TOKENS);
        }
        int base = firstPage * KvPool.PAGE_TOKENS;
        float sum = softmax(scores, first - base, position + 1 - first, head);
        Arrays.fill(scores, 0, first - base, 0);
        weighOne(sequence, kvHead, firstPage, position, 1 / sum, (token * op.heads() + head) * valueDim, scratch);
    }

    private void weighOne(int sequence, int kvHead, int firstPage, int position, float scale, int to, Scratch scratch) {
        float[] sums = scratch.tile;
        for (int channel = 0; channel < valueDim; channel += Tile.COLUMNS) {
            Arrays.fill(sums, 0, Tile.COLUMNS, 0);
            for (int i = firstPage; i * KvPool.PAGE_TOKENS <= position; i++) {
                int tokens = Math.min(KvPool.PAGE_TOKENS, position + 1 - i * KvPool.PAGE_TOKENS);
                int page = page(sequence, i);
                float[] values = cache.weighedIn(op.layer(), page, scratch);
                int panel = cache.weighed(op.layer(), page, kvHead, channel / Tile.COLUMNS, scratch);
                Tile.addRow(scratch.scores, (i - firstPage) * KvPool.PAGE_TOKENS, values, panel, tokens, sums, 0);
            }
            int channels = Math.min(Tile.COLUMNS, valueDim - channel);
            for (int j = 0; j < channels; j++) {
                out[to + channel + j] = sums[j] * scale;
            }
        }
    }

    private float softmax(float[] scores, int from, int count, int head) {
        float sink = sinks == null ? Float.NEGATIVE_INFINITY : sinks[head];
        if (op.softcap() == 0) {
            return Exp.softmax(scores, from, count, op.scale(), sink);
        }
        Exp.softcap(scores, from, count, op.scale(), op.softcap());
        return Exp.softmax(scores, from, count, 1, sink);
    }

    /** The last position that a token sees. */
    private int last(int token) {
        return op.causal() ? batch.positions[token] : batch.lastSeen(token);
    }

    /** The first position that a token sees. */
    private int first(int position) {
        return op.window() == 0 ? 0 : Math.max(0, position - op.window() + 1);
    }

    private int page(int sequence, int index) {
        return batch.pageTable[sequence * batch.pageStride + index];
    }

    /** Scores of the queries with every token of the pages, those that a query may not see included. */
    private void scores(int sequence, int kvHead, int firstPage, int lastPage, Scratch scratch) {
        for (int i = firstPage; i <= lastPage; i += 2) {
            int page = page(sequence, i);
            float[] keys = cache.keys(op.layer(), page, scratch);
            int panel = cache.keyPanel(op.layer(), page, kvHead, scratch);
            float[] others = null;
            int other = 0;
            if (i < lastPage) {
                scratch.swapPanels();
                page = page(sequence, i + 1);
                others = cache.keys(op.layer(), page, scratch);
                other = cache.keyPanel(op.layer(), page, kvHead, scratch);
            }
            Arrays.fill(scratch.tile, 0, Tile.ROWS * Tile.STRIDE, 0);
            Tile.add(q, scratch.from, keys, panel, others, other, op.headDim(), scratch.tile);
            int columns = others == null ? Tile.COLUMNS : Tile.STRIDE;
            for (int r = 0; r < Tile.ROWS; r++) {
                int to = r * scratch.scoreStride + (i - firstPage) * KvPool.PAGE_TOKENS;
                System.arraycopy(scratch.tile, r * Tile.STRIDE, scratch.scores, to, columns);
            }
        }
    }

    /** The sum of v by the weights that scores have become, 16 channels at a time. */
    private void weigh(int sequence, int kvHead, int queries, int firstPage, int lastPosition, Scratch scratch) {
        int[] outFrom = scratch.outFrom;
        for (int r = 0; r < Tile.ROWS; r++) {
            outFrom[r] = scratch.from[r] / op.headDim() * valueDim;
        }
        for (int channel = 0; channel < valueDim; channel += Tile.STRIDE) {
            weigh(sequence, kvHead, queries, firstPage, lastPosition, channel, scratch);
            int channels = Math.min(Tile.STRIDE, valueDim - channel);
            for (int r = 0; r < queries; r++) {
                for (int j = 0; j < channels; j++) {
                    out[outFrom[r] + channel + j] = scratch.tile[r * Tile.STRIDE + j] / scratch.sums[r];
                }
            }
        }
    }

    /** Of 32 channels from {@code channel}, or the 16 that there are. */
    private void weigh(int sequence, int kvHead, int queries, int firstPage, int lastPosition, int channel, Scratch scratch) {
        Arrays.fill(scratch.tile, 0, Tile.ROWS * Tile.STRIDE, 0);
        for (int i = firstPage; i * KvPool.PAGE_TOKENS <= lastPosition; i++) {
            for (int r = 0; r < Tile.ROWS; r++) {
                scratch.from[r] = Math.min(r, queries - 1) * scratch.scoreStride + (i - firstPage) * KvPool.PAGE_TOKENS;
            }
            // Places after the last token hold what an earlier owner of the page left.
            int tokens = Math.min(KvPool.PAGE_TOKENS, lastPosition + 1 - i * KvPool.PAGE_TOKENS);
            int page = page(sequence, i);
            float[] values = cache.weighedIn(op.layer(), page, scratch);
            int panel = cache.weighed(op.layer(), page, kvHead, channel / Tile.COLUMNS, scratch);
            float[] others = null;
            int other = 0;
            if (channel + Tile.COLUMNS < valueDim) {
                scratch.swapPanels();
                others = cache.weighedIn(op.layer(), page, scratch);
                other = cache.weighed(op.layer(), page, kvHead, channel / Tile.COLUMNS + 1, scratch);
            }
            Tile.add(scratch.scores, scratch.from, values, panel, others, other, tokens, scratch.tile);
        }
    }
}
