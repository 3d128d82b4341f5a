package dev.crema.reference;

import dev.crema.device.FlatBatch;
import dev.crema.device.KvPool;
import dev.crema.graph.Op;

import java.util.Arrays;

/** Causal grouped-query attention over a paged KV cache. */
final class SelfAttention {
    private SelfAttention() { }

    /** {@code out[t] = softmax(q[t]·kᵀ * scale)·v} for each head over the positions that token t sees; q [tokens, heads * headDim], out [tokens, heads * valueDim], sinks [heads] or null. */
    static void attend(Op.Attention op, float[] q, float[] sinks, FlatBatch batch, float[] keys, float[] values, float[] scores, float[] out) {
        for (int t = 0; t < batch.tokens; t++) {
            for (int head = 0; head < op.heads(); head++) {
                attendHead(op, q, sinks == null ? Float.NEGATIVE_INFINITY : sinks[head], batch, t, head, keys, values, scores, out);
            }
        }
    }

    private static void attendHead(Op.Attention op, float[] q, float sink, FlatBatch batch, int t, int head, float[] keys, float[] values,
            float[] scores, float[] out) {
        int headDim = op.headDim();
        int width = op.kvHeads() * headDim;
        int kvOffset = head / (op.heads() / op.kvHeads()) * headDim;
        int qFrom = (t * op.heads() + head) * headDim;
        int pages = batch.sequenceOf[t] * batch.pageStride;
        int last = op.causal() ? batch.positions[t] : batch.lastSeen(t);
        int first = op.window() == 0 ? 0 : Math.max(0, last - op.window() + 1);

        float max = sink;
        for (int p = first; p <= last; p++) {
            float score = capped(op.scale() * Linear.dot(q, qFrom, keys, slot(batch, pages, p) * width + kvOffset, headDim), op.softcap());
            scores[p - first] = score;
            max = Math.max(max, score);
        }
        float sum = (float) Math.exp(sink - max);
        for (int p = first; p <= last; p++) {
            float weight = (float) Math.exp(scores[p - first] - max);
            scores[p - first] = weight;
            sum += weight;
        }
        int valueDim = op.valueDim();
        int outFrom = (t * op.heads() + head) * valueDim;
        Arrays.fill(out, outFrom, outFrom + valueDim, 0);
        for (int p = first; p <= last; p++) {
            accumulate(values, slot(batch, pages, p) * width + kvOffset, scores[p - first] / sum, valueDim, out, outFrom);
        }
    }

    private static float capped(float score, float cap) {
        return cap == 0 ? score : (float) (cap * Math.tanh(score / cap));
    }

    private static int slot(FlatBatch batch, int pages, int position) {
        return batch.pageTable[pages + position / KvPool.PAGE_TOKENS] * KvPool.PAGE_TOKENS + position % KvPool.PAGE_TOKENS;
    }

    /** {@code out += weight * values} over n elements. */
    private static void accumulate(float[] values, int from, float weight, int n, float[] out, int outFrom) {
        for (int i = 0; i < n; i++) {
            out[outFrom + i] += weight * values[from + i];
        }
    }
}
