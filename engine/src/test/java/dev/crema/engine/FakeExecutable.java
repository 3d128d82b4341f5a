package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.FlatBatch;
import dev.crema.device.HostTexts;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Value;
import dev.crema.sampling.Sampler;

import java.util.Arrays;

/**
 * A device whose next token is a hash of all tokens that it finds in the KV cache: any mistake of the scheduler (a wrong page, a prefix of
 * somebody else, a token twice) changes the text. It can be told to lose itself at a step.
 */
final class FakeExecutable implements Executable {
    final int vocab;
    int tokensComputed;
    int steps;
    int loseAtStep = -1;
    boolean closed;

    private final Limits limits;
    private final KvPool pool;
    private final int[] cache;
    private final HostTexts texts;
    private int[] sampledBefore = {};
    private final Sampler sampler = new Sampler();

    FakeExecutable(int vocab, Limits limits) {
        this.vocab = vocab;
        this.limits = limits;
        cache = new int[limits.kvPages() * KvPool.PAGE_TOKENS];
        texts = new HostTexts(limits);
        pool = new KvPool(limits.kvPages(), (from, to) -> {
            System.arraycopy(cache, from * KvPool.PAGE_TOKENS, cache, to * KvPool.PAGE_TOKENS, KvPool.PAGE_TOKENS);
            texts.copyPage(from, to);
        });
    }

    /** The token that follows {@code tokens}. */
    static int next(int[] tokens, int vocab) {
        return Math.floorMod(Arrays.hashCode(tokens) * 0x9E3779B1 >>> 7, vocab);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public KvPool kvPool() {
        return pool;
    }

    @Override
    public void write(Value value, float[] data) {
        throw new UnsupportedOperationException();
    }

    @Override
    public float[] awaitRead(Value value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Step submit(Batch batch) {
        FlatBatch flat = FlatBatch.of(batch, limits, pool, vocab);
        texts.begin(flat, sampledBefore);
        boolean lost = steps++ == loseAtStep;
        tokensComputed += flat.tokens;
        for (int i = 0; i < flat.tokens; i++) {
            cache[flat.slots[i]] = flat.tokenIds[i];
        }
        float[] logits = new float[flat.outputs * vocab];
        int[] sampled = new int[flat.outputs];
        for (int row = 0; row < flat.outputs; row++) {
            int sequence = flat.sequenceOf[flat.outputTokens[row]];
            int[] tokens = new int[flat.outputPositions[row]];
            for (int p = 0; p < tokens.length; p++) {
                tokens[p] = cache[flat.pageTable[sequence * flat.pageStride + p / KvPool.PAGE_TOKENS] * KvPool.PAGE_TOKENS + p % KvPool.PAGE_TOKENS];
            }
            logits[row * vocab + next(tokens, vocab)] = 10;
            sampled[row] = texts.sample(sampler, flat, row, logits, vocab);
        }
        sampledBefore = sampled;
        return new Step() {
            @Override
            public int[] awaitTokens() {
                if (lost) {
                    throw new CremaException(ErrorCode.DEVICE_LOST, "The fake device was lost.", "");
                }
                return sampled;
            }

            @Override
            public float[] awaitLogits() {
                return logits;
            }

            @Override
            public float[] awaitValue(Value value) {
                throw new UnsupportedOperationException();
            }
        };
    }

    @Override
    public void close() {
        closed = true;
    }
}
