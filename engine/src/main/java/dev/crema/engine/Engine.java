package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.Step;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns token prompts into texts: many at once, one step at a time. One thread only: the platform calls {@link #awaitStep} while
 * {@link #hasWork}, and everything else from that same thread (listeners may call {@link #submit}).
 */
public final class Engine implements AutoCloseable {
    private final Model model;
    private final EngineOptions options;
    private final Clock clock;
    private final ExecutableSource source;
    private final Losses losses;
    private Executable executable;
    private Scheduler scheduler;
    private final TextPasses passes;
    /** Oldest first. */
    private final List<UnderWay> underWay = new ArrayList<>();
    /** A step that was submitted, with the generation of each of its items. */
    private record UnderWay(Step step, Batch batch, List<Generation> batched) {
        /** Whether nobody waits for what it samples any more. */
        boolean isVoid() {
            for (Generation generation : batched) {
                if (!generation.ended()) {
                    return false;
                }
            }
            return true;
        }
    }

    private CremaException failure;
    private long promptTokens;
    private long generatedTokens;

    /** An engine whose device, once it has failed, does not come back. */
    public Engine(Model model, Executable executable, EngineOptions options, Clock clock) {
        this(model, executable, options, clock, ExecutableSource.NONE);
    }

    /** Owns {@code executable}, and those of {@code source} that replace it when it fails. */
    public Engine(Model model, Executable executable, EngineOptions options, Clock clock, ExecutableSource source) {
        this.model = model;
        this.executable = executable;
        this.options = options;
        this.clock = clock;
        this.source = source;
        losses = new Losses(clock);
        scheduler = new Scheduler(executable);
        passes = new TextPasses(model, options, contextLength());
    }

    public Model model() {
        return model;
    }

    /** Tokens of prompt and reply together, at most: the model's or what the options and the device allow. */
    public int contextLength() {
        return executable.limits().contextLength();
    }

    /** Queues a request. Errors of the request itself (too long, no token) are thrown; later ones reach the listener. */
    public void submit(GenerationRequest request, GenerationListener listener) {
        if (failure != null) {
            throw failure;
        }
        check(request);
        if (scheduler.waiting() >= options.maxQueued()) {
            throw new CremaException(ErrorCode.QUEUE_FULL, scheduler.waiting() + " requests are waiting already, the limit is "
                + options.maxQueued() + ".", "Try again later.");
        }
        scheduler.add(new Generation(request, listener, model, contextLength(), clock));
    }

    /** Queues texts to be embedded. Errors of the request itself are thrown; later ones reach the listener. */
    public void submit(EmbeddingRequest request, EmbeddingListener listener) {
        if (failure != null) {
            throw failure;
        }
        checkTokens("input", request.texts());
        passes.add(request, listener);
    }

    /** Queues texts of which the listener hears how likely each token is, with {@code top} alternatives; errors as with the others. */
    public void score(List<int[]> texts, int top, Cancellation cancellation, ScoreListener listener) {
        if (failure != null) {
            throw failure;
        }
        checkTokens("prompt", texts);
        passes.add(texts, top, cancellation, listener);
    }

    private void checkTokens(String param, List<int[]> texts) {
        int vocab = model.graph().logits() == null ? model.tokenizer().vocabSize() : model.graph().logits().channels();
        for (int[] text : texts) {
            for (int id : text) {
                checkToken(param, id, vocab);
            }
        }
    }

    /** Numbers in an embedding. */
    public int embeddingSize() {
        return passes.embeddingSize();
    }

    private void check(GenerationRequest request) {
        int length = request.prompt().length;
        if (length == 0) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "prompt", "The prompt has no tokens.", "Send at least one character.");
        }
        if (length >= contextLength()) {
            throw CremaException.ofParam(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "messages", "The prompt has " + length
                + " tokens, but the context holds " + contextLength() + " with the reply.", "Shorten the messages or load the model with a larger context length.");
        }
        if (request.maxTokens() < 1) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "max_tokens", "max_tokens is " + request.maxTokens() + ".", "It must be at least 1.");
        }
        if (model.graph().logits() == null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model is for embeddings and writes no text.", "Use /v1/embeddings, or load another model.");
        }
        int vocab = model.graph().logits().channels();
        checkTokens("prompt", List.of(request.prompt()));
        for (int id : request.sampling().logitBias().keySet()) {
            checkToken("logit_bias", id, vocab);
        }
    }

    private static void checkToken(String param, int id, int vocab) {
        if (id < 0 || id >= vocab) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, param, "Token id " + id + " is outside the vocabulary of " + vocab + ".", "");
        }
    }

    /** Whether any request waits or runs. */
    public boolean hasWork() {
        return scheduler.hasWork() || passes.hasWork();
    }

    /** Whether all requests are held by their senders: a step would do no more than look again (see {@link RequestControl#hold}). */
    public boolean isHeld() {
        return underWay.isEmpty() && !passes.hasWork() && scheduler.isHeld();
    }

    public EngineStatus status() {
        return new EngineStatus(scheduler.running(), scheduler.waiting(), executable.kvPool().pages(), executable.kvPool().freePages(),
            scheduler.cachePages(), promptTokens, generatedTokens);
    }

    /** Every request there is, those that run first. */
    public List<SlotStatus> slots() {
        return scheduler.slots();
    }

    /**
     * The beginning of {@code tokens} that the prefix cache has, with its keys and values, as bytes for {@link #restorePrefix}; no bytes where it has
     * nothing of them. INVALID_REQUEST where the device's cache can't be read. Suspends; steps may go on meanwhile.
     */
    public byte[] awaitSavePrefix(int[] tokens) {
        return saver().awaitSave(tokens);
    }

    /**
     * Puts what {@link #awaitSavePrefix} gave into the prefix cache, maybe of another engine with the same model and kind of device; the number of tokens.
     * INVALID_REQUEST, with nothing changed, where it does not fit.
     */
    public int restorePrefix(byte[] saved) {
        return saver().restore(saved);
    }

    private PrefixSaver saver() {
        if (failure != null) {
            throw failure;
        }
        return new PrefixSaver(model, executable, scheduler.cache());
    }

    /**
     * Submits batches of prefill chunks and decode steps, as many as may be under way at once, and reads the oldest; suspends while the device
     * works. A device that fails is replaced, and all texts go on where they were; a device that can't be replaced ends every request.
     */
    public void awaitStep() {
        try {
            if (passes.hasWork()) {
                passes.awaitStep(source);
                losses.token();
            }
            underWay.removeIf(UnderWay::isVoid);
            submitAhead();
            if (!underWay.isEmpty()) {
                awaitOldest(underWay.remove(0));
            }
        } catch (CremaException error) {
            awaitRecovery(error);
        } catch (RuntimeException error) {
            fail(new CremaException(ErrorCode.INTERNAL, "A step failed: " + error + ".", "This is a bug in Crema; please report it.", error));
        }
        scheduler.removeEnded();
    }

    private void submitAhead() {
        boolean more = true;
        while (more && underWay.size() < stepsAhead()) {
            List<Generation> batched = new ArrayList<>();
            Batch batch = scheduler.nextBatch(batched);
            more = !batch.items().isEmpty();
            if (more) {
                underWay.add(new UnderWay(executable.submit(batch), batch, batched));
                for (int i = 0; i < batched.size(); i++) {
                    promptTokens += batched.get(i).promptTokensIn(batch.items().get(i).tokens().length);
                    batched.get(i).ahead += batch.items().get(i).outputs();
                }
            }
        }
    }

    private int stepsAhead() {
        return executable.isAsynchronous() && !scheduler.needsHost() ? options.stepsAhead() : 1;
    }

    private void awaitOldest(UnderWay oldest) {
        int[] tokens = oldest.step.awaitTokens();
        boolean anyLogits = false;
        for (Batch.Item item : oldest.batch.items()) {
            anyLogits |= item.logits();
        }
        float[] logits = anyLogits ? oldest.step.awaitLogits() : null;
        int row = 0;
        int logitsOffset = 0;
        for (int i = 0; i < oldest.batched.size(); i++) {
            Batch.Item item = oldest.batch.items().get(i);
            if (item.outputs() > 0) {
                losses.token();
                generatedTokens++;
                oldest.batched.get(i).ahead--;
                deliver(oldest.batched.get(i), tokens[row++], logits, logitsOffset);
                logitsOffset += item.logits() ? model.graph().logits().channels() : 0;
            }
        }
    }

    /** A listener that throws ends its own generation and no other. */
    private static void deliver(Generation generation, int token, float[] logits, int offset) {
        if (generation.ended()) {
            return;
        }
        try {
            generation.accept(generation.chosen(token, logits, offset), logits, offset);
        } catch (RuntimeException error) {
            generation.fail(error instanceof CremaException known ? known
                : new CremaException(ErrorCode.INTERNAL, "The receiver of the reply failed: " + error + ".", "", error));
        }
    }

    /** What was under way is lost; all texts are computed anew from their tokens, and go on with the same ones (see sampling.Random). */
    private void awaitRecovery(CremaException error) {
        underWay.clear();
        if (failure != null) { // It was closed, and so was the device.
            return;
        }
        try {
            losses.check(error);
            passes.lose();
            executable.close();
            Executable fresh = source.awaitExecutable(error);
            if (failure != null) { // It was closed meanwhile.
                fresh.close();
                return;
            }
            executable = fresh;
            scheduler = scheduler.movedTo(fresh);
            losses.replaced();
        } catch (CremaException second) {
            if (failure == null) {
                fail(second);
            }
        }
    }

    /** Why nothing can run any more, or null. */
    public CremaException failure() {
        return failure;
    }

    private void fail(CremaException error) {
        failure = error;
        underWay.clear();
        scheduler.failAll(error);
        passes.failAll(error);
    }

    /** Fails what is still running with {@code CLOSED} and frees the KV cache and the executable. Closing twice is harmless. */
    @Override
    public void close() {
        if (failure == null || failure.code() != ErrorCode.CLOSED) {
            fail(new CremaException(ErrorCode.CLOSED, "The engine was closed.", ""));
            scheduler.close();
            passes.lose();
            executable.close();
        }
    }
}
