package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.Graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Computes embeddings, a step at a time, with an executable of its own that is compiled when the first one is asked for. Requests are served
 * in order; a step takes as many texts of one request as fit, or a piece of a long one.
 */
final class Embedder implements AutoCloseable {
    /** OpenAI's limit for one text; longer contexts would need a KV cache of that length. */
    private static final int MAX_TEXT_TOKENS = 8192;
    private static final int MAX_TEXTS = 8;

    /** A request on its way. */
    private static final class Job {
        final EmbeddingRequest request;
        final EmbeddingListener listener;
        final float[][] vectors;
        /** Texts that are done, and the one that is begun where it takes several steps. */
        int done;
        Pooling.Pool pool;
        Sequence sequence;

        Job(EmbeddingRequest request, EmbeddingListener listener) {
            this.request = request;
            this.listener = listener;
            vectors = new float[request.texts().size()][];
        }

        void dropBegun() {
            if (sequence != null) {
                sequence.close();
            }
            sequence = null;
            pool = null;
        }
    }

    private final Graph graph;
    private final Pooling pooling;
    private final EngineOptions options;
    private final int textTokens;
    private final List<Job> jobs = new ArrayList<>();
    private Executable executable;

    /** UNSUPPORTED_MODEL where the model has no hidden states to pool. {@code contextLength} is the engine's. */
    Embedder(Model model, EngineOptions options, int contextLength) {
        graph = HiddenStates.of(model.graph());
        pooling = Pooling.of(model.checkpoint().config());
        this.options = options;
        textTokens = Math.min(contextLength, MAX_TEXT_TOKENS);
    }

    /** Tokens of a text, at most. */
    int textTokens() {
        return textTokens;
    }

    int size() {
        return graph.outputs().get(0).channels();
    }

    int waiting() {
        return jobs.size();
    }

    void add(EmbeddingRequest request, EmbeddingListener listener) {
        jobs.add(new Job(request, listener));
    }

    boolean hasWork() {
        return !jobs.isEmpty();
    }

    /** Computes one step; what it throws is the device's failure. {@code source} compiles what is needed first. */
    void awaitStep(ExecutableSource source) {
        dropCancelled();
        if (jobs.isEmpty()) {
            return;
        }
        Job job = jobs.get(0);
        if (executable == null && !awaitCompiled(source)) {
            return;
        }
        awaitBatch(job);
        if (job.done == job.vectors.length) {
            jobs.remove(job);
            finish(job);
        }
    }

    /** What keeps embeddings from being computed, memory that is short above all, need not keep texts from being written. */
    private boolean awaitCompiled(ExecutableSource source) {
        try {
            executable = source.awaitCompile(graph, limits());
            return true;
        } catch (CremaException error) {
            if (error.code() == ErrorCode.DEVICE_LOST) {
                throw error;
            }
            failAll(error);
            return false;
        }
    }

    /** A receiver that throws harms nobody else. */
    private static void finish(Job job) {
        try {
            job.listener.onEmbeddings(job.vectors);
        } catch (RuntimeException error) {
            job.listener.onError(error instanceof CremaException known ? known
                : new CremaException(ErrorCode.INTERNAL, "The receiver of the embeddings failed: " + error + ".", "", error));
        }
    }

    private Limits limits() {
        boolean wholeTexts = graph.kv() == null;
        int stepTokens = wholeTexts ? textTokens : Math.min(textTokens, options.prefillChunk());
        int pages = (textTokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS + stepTokens / KvPool.PAGE_TOKENS + MAX_TEXTS;
        return new Limits(stepTokens, stepTokens, MAX_TEXTS, textTokens, pages, options.kvType());
    }

    private void awaitBatch(Job job) {
        int room = executable.limits().maxTokens();
        List<Batch.Item> items = new ArrayList<>();
        for (int text = job.done; text < job.vectors.length && items.size() < MAX_TEXTS; text++) {
            int[] tokens = job.request.texts().get(text);
            Sequence sequence = text == job.done && job.sequence != null ? job.sequence : executable.kvPool().newSequence();
            int begun = sequence.length();
            int count = Math.min(room, tokens.length - begun);
            if (count < tokens.length - begun && !items.isEmpty()) {
                sequence.close();
                break;
            }
            int[] next = new int[count];
            System.arraycopy(tokens, begun, next, 0, count);
            items.add(new Batch.Item(sequence, next, count, null, false));
            room -= count;
        }
        // In the form of prompts however few there are, so that a text's vector does not depend on its neighbours.
        float[] states = executable.submit(new Batch(items, true)).awaitValue(graph.outputs().get(0)); // [tokens, hidden]
        take(job, items, states);
    }

    private void take(Job job, List<Batch.Item> items, float[] states) {
        int hidden = graph.outputs().get(0).channels();
        int first = 0;
        for (Batch.Item item : items) {
            Pooling.Pool pool = job.pool != null ? job.pool : pooling.newPool(hidden);
            pool.add(states, first, item.tokens().length);
            first += item.tokens().length;
            job.pool = pool;
            job.sequence = item.sequence();
            if (job.sequence.length() == job.request.texts().get(job.done).length) {
                job.vectors[job.done++] = pool.vector();
                job.dropBegun();
            }
        }
    }

    private void dropCancelled() {
        for (Job job : List.copyOf(jobs)) {
            if (job.request.cancellation().isCancelled()) {
                jobs.remove(job);
                job.dropBegun();
                job.listener.onError(new CremaException(ErrorCode.CANCELLED, "The request was cancelled.", ""));
            }
        }
    }

    /** The device is gone: another executable is compiled at the next step, and a text that was begun is computed from its start. */
    void lose() {
        for (Job job : jobs) {
            job.dropBegun();
        }
        close();
    }

    void failAll(CremaException error) {
        for (Job job : List.copyOf(jobs)) {
            jobs.remove(job);
            job.dropBegun();
            job.listener.onError(error);
        }
    }

    @Override
    public void close() {
        if (executable != null) {
            executable.close();
            executable = null;
        }
    }
}
