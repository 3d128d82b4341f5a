package dev.crema.conformance;

import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.sampling.SampleSpec;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One execution of a script: numbered sequences over one executable, and what each step left in the outputs. */
final class Run {
    /** What the outputs hold before a step; no op makes it of noise. */
    static final float POISON = -7777;

    /** Contents of all outputs after a step: whole buffers, rows of the batch as a step hands them out, and logits rows asked for. */
    record Result(int tokens, int outputs, float[][] buffers, float[][] values, float[] logits, int[] sampled) {
        int rows(Value value) {
            return value.shape().extent(0) == Shape.TOKENS ? tokens : outputs;
        }
    }

    final List<Result> results = new ArrayList<>();
    private final Setup setup;
    private final Executable executable;
    private final boolean records;
    private final List<Sequence> sequences = new ArrayList<>();
    private List<Batch.Item> items = new ArrayList<>();
    private int vocab = 1;
    private int steps;
    private Step last;

    /** A run that does not record neither poisons nor reads, as when it is timed. */
    Run(Setup setup, Executable executable, boolean records) {
        this.setup = setup;
        this.executable = executable;
        this.records = records;
        for (Value input : setup.graph().inputs()) {
            executable.write(input, input(input));
        }
    }

    /** Token ids are below this. */
    Run vocab(int size) {
        vocab = size;
        return this;
    }

    /** Sequence number {@code index}; new ones are made as needed. */
    Sequence sequence(int index) {
        while (sequences.size() <= index) {
            sequences.add(executable.kvPool().newSequence());
        }
        return sequences.get(index);
    }

    /** Makes sequence {@code to} a fork of {@code from}. */
    void fork(int from, int to) {
        Sequence fork = sequence(from).fork();
        sequence(to).close();
        sequences.set(to, fork);
    }

    /** Adds random tokens of a sequence to the next step; the last {@code outputs} of them get rows. */
    Run add(int sequence, int tokens, int outputs) {
        return add(sequence, tokens, outputs, null);
    }

    Run add(int sequence, int tokens, int outputs, SampleSpec sample) {
        int[] ids = new int[tokens];
        var noise = new Noise(setup.seed() + steps * 31L + sequence);
        for (int i = 0; i < tokens; i++) {
            ids[i] = noise.nextInt(vocab);
        }
        // Every other item reads its logits, so that both ways are seen.
        items.add(new Batch.Item(sequence(sequence), ids, outputs, sample, items.size() % 2 == 0));
        return this;
    }

    /** Runs what was added. */
    void awaitStep() {
        var batch = new Batch(items);
        items = new ArrayList<>();
        if (!records) {
            last = executable.submit(batch);
            return;
        }
        Graph graph = setup.graph();
        for (Value input : graph.inputs()) {
            executable.write(input, input(input));
        }
        for (Value output : graph.outputs()) {
            float[] poison = new float[elements(output)];
            Arrays.fill(poison, POISON);
            executable.write(output, poison);
        }
        results.add(awaitResult(batch, executable.submit(batch)));
        steps++;
    }

    private Result awaitResult(Batch batch, Step step) {
        Graph graph = setup.graph();
        float[][] buffers = new float[graph.outputs().size()][];
        float[][] values = new float[buffers.length][];
        for (int i = 0; i < buffers.length; i++) {
            values[i] = step.awaitValue(graph.outputs().get(i));
            buffers[i] = executable.awaitRead(graph.outputs().get(i));
        }
        return new Result(batch.tokens(), batch.outputs(), buffers, values, graph.logits() == null ? null : step.awaitLogits(),
            graph.tokens() == null ? null : step.awaitTokens());
    }

    private float[] input(Value input) {
        return new Noise(setup.seed() + 1009L * steps + input.id()).floats(elements(input), setup.inputScale());
    }

    private int elements(Value value) {
        int rows = value.shape().extent(0) == Shape.TOKENS ? setup.limits().maxTokens() : setup.limits().maxOutputs();
        return rows * (value.shape().rank() == 1 ? 1 : value.channels());
    }

    /** Waits for what an unrecorded run submitted last. */
    void awaitLast() {
        if (setup.graph().tokens() != null) {
            last.awaitTokens();
        } else {
            last.awaitValue(setup.graph().outputs().get(0));
        }
    }

    /** Empties all sequences, so that the script can run again. */
    void rewind() {
        for (Sequence sequence : sequences) {
            sequence.truncate(0);
        }
    }

    void close() {
        for (Sequence sequence : sequences) {
            sequence.close();
        }
    }
}
