package dev.crema.jvm.bench;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Operands;
import dev.crema.graph.Weight;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;

import java.util.Arrays;
import java.util.List;

/** A model on a device, and how long its steps take: one measurement at a time, each on a sequence of its own. */
public final class StepTimer implements AutoCloseable {
    /** Tokens before the first decode step: enough to begin with, too few to make attention cost anything. */
    public static final int SHORT_PROMPT = 8;
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 0);
    /** A prime, so that the ids of a prompt spread over the vocabulary and none comes twice. */
    private static final int ID_STRIDE = 7919;

    private final Model model;
    private final Executable executable;

    private StepTimer(Model model, Executable executable) {
        this.model = model;
        this.executable = executable;
    }

    /** Uploads and compiles for texts of at most {@code context} tokens. The caller keeps the device. */
    public static StepTimer awaitLoad(Model model, Device device, int context) {
        int chunk = EngineOptions.DEFAULT.prefillChunk();
        int pages = (context + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
        var limits = new Limits(chunk, 1, 1, context, pages);
        return new StepTimer(model, ModelLoader.awaitExecutable(model, device, limits, Progress.NONE, new Cancellation()));
    }

    /** Nanoseconds to take in a prompt of so many tokens, in the engine's chunks; no logits are computed. */
    public long awaitPrefill(int tokens) {
        try (Sequence sequence = executable.kvPool().newSequence()) {
            long began = System.nanoTime();
            awaitPrompt(sequence, tokens, 0);
            return System.nanoTime() - began;
        }
    }

    /** Nanoseconds from a prompt of so many tokens to the token that follows it. */
    public long awaitFirstToken(int tokens) {
        try (Sequence sequence = executable.kvPool().newSequence()) {
            long began = System.nanoTime();
            awaitPrompt(sequence, tokens, 1);
            return System.nanoTime() - began;
        }
    }

    /** Nanoseconds of so many decode steps, one token each, greedily, after a short prompt. */
    public long awaitDecode(int tokens) {
        try (Sequence sequence = executable.kvPool().newSequence()) {
            int token = awaitPrompt(sequence, SHORT_PROMPT, 1);
            long began = System.nanoTime();
            for (int i = 0; i < tokens; i++) {
                token = awaitStep(sequence, new int[] {token}, 1);
            }
            return System.nanoTime() - began;
        }
    }

    /** The token that follows, or -1 without {@code outputs}. */
    private int awaitPrompt(Sequence sequence, int tokens, int outputs) {
        int[] prompt = prompt(tokens, model.graph().logits().channels());
        int chunk = executable.limits().maxTokens();
        int token = -1;
        for (int at = 0; at < tokens; at += chunk) {
            int end = Math.min(tokens, at + chunk);
            token = awaitStep(sequence, Arrays.copyOfRange(prompt, at, end), end == tokens ? outputs : 0);
        }
        return token;
    }

    private int awaitStep(Sequence sequence, int[] tokens, int outputs) {
        var item = new Batch.Item(sequence, tokens, outputs, outputs == 0 ? null : GREEDY, false);
        int[] sampled = executable.submit(new Batch(List.of(item))).awaitTokens();
        return outputs == 0 ? -1 : sampled[0];
    }

    /** The same ids for every engine that is measured: {@code i * 7919} modulo the vocabulary. */
    static int[] prompt(int tokens, int vocabulary) {
        int[] ids = new int[tokens];
        for (int i = 0; i < tokens; i++) {
            ids[i] = (int) ((i + 1L) * ID_STRIDE % vocabulary);
        }
        return ids;
    }

    /** Bytes of weights that a decode step reads: all but the embedding table, of which it reads a row, and the experts that it leaves out. */
    public static long decodeBytes(Graph graph) {
        long bytes = 0;
        for (Op op : graph.ops()) {
            if (op instanceof Op.Embed) {
                continue;
            }
            for (Weight weight : Operands.weightsOf(op)) {
                long all = weight.dtype().bytes(weight.shape().elements());
                bytes += op instanceof Op.ExpertMatMul experts ? all / weight.shape().extent(0) * (experts.routes().channels() / 2) : all;
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        executable.close();
    }
}
