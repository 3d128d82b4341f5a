package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.List;

/**
 * Computes a row of numbers for each token of whole texts, a step at a time, with an executable of its own that is compiled when the first text
 * comes. Jobs are served in order; a step takes as many texts of one job as fit, or a piece of a long one.
 */
final class TextPass implements AutoCloseable {
    private static final int MAX_TEXTS = 8;

    /** Takes the rows of a text, in order: {@code rows} [tokens, channels], of which {@code count} from {@code first} on are the next. */
    interface Taker {
        void take(float[] rows, int first, int count);
    }

    /** Texts, and what becomes of their rows. */
    abstract static class Job {
        final List<int[]> texts;
        final Cancellation cancellation;
        private int done;
        /** Of the text that is begun where it takes several steps, else null. */
        private Taker taker;
        private Sequence sequence;

        Job(List<int[]> texts, Cancellation cancellation) {
            this.texts = texts;
            this.cancellation = cancellation;
        }

        /** The text is computed from its start, maybe for the second time. */
        abstract Taker begin(int text);

        abstract void end(int text, Taker taker);

        abstract void finish();

        abstract void fail(CremaException error);

        private void dropBegun() {
            if (sequence != null) {
                sequence.close();
            }
            sequence = null;
            taker = null;
        }
    }

    private final Graph graph;
    private final Value rows;
    private final int stepTokens;
    private final int textTokens;
    private final DType kvType;
    private final List<Job> jobs = new ArrayList<>();
    private Executable executable;

    /** {@code rows} is an output of {@code graph}, [outputs, channels] or [tokens, channels]. */
    TextPass(Graph graph, Value rows, int stepTokens, int textTokens, DType kvType) {
        this.graph = graph;
        this.rows = rows;
        this.stepTokens = stepTokens;
        this.textTokens = textTokens;
        this.kvType = kvType;
    }

    /** Numbers in a row. */
    int channels() {
        return rows.channels();
    }

    /** Queues a job; {@code param} is what requests call its texts. */
    void add(Job job, int maxQueued, String param) {
        if (jobs.size() >= maxQueued) {
            throw new CremaException(ErrorCode.QUEUE_FULL, jobs.size() + " requests of this kind are waiting already, the limit is " + maxQueued + ".",
                "Try again later.");
        }
        for (int i = 0; i < job.texts.size(); i++) {
            int length = job.texts.get(i).length;
            if (length == 0 || length > textTokens) {
                throw CremaException.ofParam(length == 0 ? ErrorCode.INVALID_REQUEST : ErrorCode.CONTEXT_LENGTH_EXCEEDED, param, "Text " + i + " has "
                    + length + " tokens; 1 to " + textTokens + " are allowed.", length == 0 ? "" : "Send it in parts.");
            }
        }
        jobs.add(job);
    }

    boolean hasWork() {
        return !jobs.isEmpty();
    }

    /** Computes one step; what it throws is the device's failure. {@code source} compiles what is needed first. */
    void awaitStep(ExecutableSource source) {
        dropCancelled();
        if (jobs.isEmpty() || executable == null && !awaitCompiled(source)) {
            return;
        }
        Job job = jobs.get(0);
        awaitBatch(job);
        if (job.done == job.texts.size()) {
            jobs.remove(job);
            finish(job);
        }
    }

    /** What keeps this from being computed, memory that is short above all, need not keep texts from being written. */
    private boolean awaitCompiled(ExecutableSource source) {
        try {
            int pages = (textTokens + KvPool.PAGE_TOKENS - 1) / KvPool.PAGE_TOKENS + stepTokens / KvPool.PAGE_TOKENS + MAX_TEXTS;
            executable = source.awaitCompile(graph, new Limits(stepTokens, stepTokens, MAX_TEXTS, textTokens, pages, kvType));
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
            job.finish();
        } catch (RuntimeException error) {
            job.fail(error instanceof CremaException known ? known
                : new CremaException(ErrorCode.INTERNAL, "The receiver of the reply failed: " + error + ".", "", error));
        }
    }

    private void awaitBatch(Job job) {
        int room = stepTokens;
        List<Batch.Item> items = new ArrayList<>();
        for (int text = job.done; text < job.texts.size() && items.size() < MAX_TEXTS; text++) {
            int[] tokens = job.texts.get(text);
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
        // In the form of prompts however few there are, so that a text's rows do not depend on its neighbours.
        take(job, items, executable.submit(new Batch(items, true)).awaitValue(rows));
    }

    /** {@code states} [tokens, channels]. */
    private static void take(Job job, List<Batch.Item> items, float[] states) {
        int first = 0;
        for (Batch.Item item : items) {
            if (job.taker == null) {
                job.taker = job.begin(job.done);
            }
            job.taker.take(states, first, item.tokens().length);
            first += item.tokens().length;
            job.sequence = item.sequence();
            if (job.sequence.length() == job.texts.get(job.done).length) {
                job.end(job.done++, job.taker);
                job.dropBegun();
            }
        }
    }

    private void dropCancelled() {
        for (Job job : List.copyOf(jobs)) {
            if (job.cancellation.isCancelled()) {
                fail(job, new CremaException(ErrorCode.CANCELLED, "The request was cancelled.", ""));
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
            fail(job, error);
        }
    }

    private void fail(Job job, CremaException error) {
        jobs.remove(job);
        job.dropBegun();
        job.fail(error);
    }

    @Override
    public void close() {
        if (executable != null) {
            executable.close();
            executable = null;
        }
    }
}
