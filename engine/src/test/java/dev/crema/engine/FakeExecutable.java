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
 * somebody else, a token twice) changes the text. It can be told to lose itself at a step, and to compute many rows otherwise than few.
 */
final class FakeExecutable implements Executable {
    final int vocab;
    int tokensComputed;
    int steps;
    int loseAtStep = -1;
    /** Claims to compute while the host goes on, and keeps what a step made for no longer than it must. */
    boolean asynchronous;
    /** Gives every token a logit that varies, so that sampling rules have a say. */
    boolean rough;
    /** A token that was computed in a step of more rows than these, or in the form of prompts, makes another hash. */
    int decodeRows = Integer.MAX_VALUE;
    /** Tokens that were fed before the host had read them. */
    int tokensAhead;
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

    /** The row of logits that follows {@code tokens}. */
    static float[] logits(int[] tokens, int vocab, boolean rough) {
        float[] logits = new float[vocab];
        int hash = Arrays.hashCode(tokens);
        for (int i = 0; rough && i < vocab; i++) {
            logits[i] = ((hash + i * 0x85EBCA6B) * 0x9E3779B1 >>> 8) * 0x1p-24f * 12;
        }
        logits[next(tokens, vocab)] = 10;
        return logits;
    }

    @Override
    public int decodeRows() {
        return decodeRows;
    }

    @Override
    public boolean isAsynchronous() {
        return asynchronous;
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
        for (int id : flat.tokenIds) {
            tokensAhead += id < 0 ? 1 : 0;
        }
        texts.begin(flat, sampledBefore);
        int number = steps;
        boolean lost = steps++ == loseAtStep;
        tokensComputed += flat.tokens;
        for (int i = 0; i < flat.tokens; i++) {
            cache[flat.slots[i]] = flat.tokenIds[i] + (batch.prefill() || flat.tokens > decodeRows ? vocab : 0);
        }
        float[] logits = new float[flat.outputs * vocab];
        int[] sampled = new int[flat.outputs];
        for (int row = 0; row < flat.outputs; row++) {
            int sequence = flat.sequenceOf[flat.outputTokens[row]];
            int[] tokens = new int[flat.outputPositions[row]];
            for (int p = 0; p < tokens.length; p++) {
                tokens[p] = cache[flat.pageTable[sequence * flat.pageStride + p / KvPool.PAGE_TOKENS] * KvPool.PAGE_TOKENS + p % KvPool.PAGE_TOKENS];
            }
            if (flat.outputs > decodeRows) {
                tokens[0] += vocab;
            }
            System.arraycopy(logits(tokens, vocab, rough), 0, logits, row * vocab, vocab);
            sampled[row] = texts.sample(sampler, flat, row, logits, vocab);
        }
        sampledBefore = sampled;
        return new Step() {
            @Override
            public int[] awaitTokens() {
                if (lost) {
                    throw new CremaException(ErrorCode.DEVICE_LOST, "The fake device was lost.", "");
                }
                checkKept(number, Step.TOKENS_KEPT);
                return sampled;
            }

            @Override
            public float[] awaitLogits() {
                checkKept(number, 1);
                float[] wanted = new float[0];
                for (int row = 0; row < sampled.length; row++) {
                    if (flat.wantsLogits[row]) {
                        wanted = Arrays.copyOf(wanted, wanted.length + vocab);
                        System.arraycopy(logits, row * vocab, wanted, wanted.length - vocab, vocab);
                    }
                }
                return wanted;
            }

            @Override
            public float[] awaitValue(Value value) {
                throw new UnsupportedOperationException();
            }
        };
    }

    private void checkKept(int number, int later) {
        if (steps - 1 - number > later) {
            throw new IllegalStateException("step " + number + " is read after step " + (steps - 1));
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
