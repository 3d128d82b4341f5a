package dev.crema.jvm.eval;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;

import java.util.Arrays;
import java.util.List;

/** A model on a device that says how likely tokens are. One sequence; the device stays the caller's. */
public final class Scorer implements AutoCloseable {
    /** Tokens of a step: their rows of logits are on the host at once. */
    private static final int STEP_TOKENS = 64;

    private final Model model;
    private final Executable executable;
    private final int contextLength;

    private Scorer(Model model, Executable executable, int contextLength) {
        this.model = model;
        this.executable = executable;
        this.contextLength = contextLength;
    }

    /** Hears of each token's logits: {@code logits[from .. from + vocab)} are those after {@code tokens[position]}. */
    public interface RowListener {
        void row(int position, float[] logits, int from, int vocab);
    }

    /** Hears of each step after it ran. */
    public interface StepListener {
        void step(Step step, int tokens);
    }

    /** Uploads and compiles for texts of at most {@code contextLength} tokens. */
    public static Scorer awaitOpen(Model model, Device device, int contextLength, Progress progress) {
        int context = Math.min(contextLength, model.contextLength());
        int pages = (context + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS;
        var limits = new Limits(STEP_TOKENS, STEP_TOKENS, 1, context, pages);
        return new Scorer(model, ModelLoader.awaitExecutable(model, device, limits, progress, new Cancellation()), context);
    }

    public Model model() {
        return model;
    }

    /** Tokens of a text at most. */
    public int contextLength() {
        return contextLength;
    }

    /** Computes the logits after each token of one text from its beginning. */
    public void awaitRows(int[] tokens, RowListener listener) {
        int vocab = model.graph().logits().channels();
        awaitSteps(tokens, true, (step, start, count) -> {
            float[] logits = step.awaitLogits();
            for (int i = 0; i < count; i++) {
                listener.row(start + i, logits, i * vocab, vocab);
            }
        });
    }

    /** Computes the text for what can be read of each step. */
    public void awaitSteps(int[] tokens, StepListener listener) {
        awaitSteps(tokens, false, (step, start, count) -> listener.step(step, count));
    }

    private interface Steps {
        void step(Step step, int start, int count);
    }

    private void awaitSteps(int[] tokens, boolean logits, Steps steps) {
        if (tokens.length > contextLength) {
            throw new IllegalArgumentException(tokens.length + " tokens in a context of " + contextLength);
        }
        try (Sequence sequence = executable.kvPool().newSequence()) {
            for (int start = 0; start < tokens.length; start += STEP_TOKENS) {
                int count = Math.min(STEP_TOKENS, tokens.length - start);
                int[] part = Arrays.copyOfRange(tokens, start, start + count);
                Step step = executable.submit(new Batch(List.of(new Batch.Item(sequence, part, logits ? count : 1, null, logits))));
                steps.step(step, start, count);
                if (!logits) {
                    step.awaitTokens();
                }
            }
        }
    }

    /** {@code log sum exp} of a row, for log-probabilities: a logit less this. */
    public static double logSum(float[] logits, int from, int vocab) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + vocab; i++) {
            largest = Math.max(largest, logits[i]);
        }
        double sum = 0;
        for (int i = from; i < from + vocab; i++) {
            sum += Math.exp(logits[i] - largest);
        }
        return largest + Math.log(sum);
    }

    @Override
    public void close() {
        executable.close();
    }
}
