package dev.crema.web.wasm;

import dev.crema.device.FlatBatch;
import dev.crema.device.HostTexts;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.Sampler;

import java.util.Arrays;

/** Samples the rows of a step: the most likely token by a kernel, all else by the host's sampler, which reads the row. */
final class Sampling {
    private final KernelHost host;
    /** Null where nothing is sampled. */
    private final Value sampled;
    private final Value logits;
    private final Lowering code;
    private final HostTexts texts;
    private final Sampler sampler = new Sampler();
    private final int[] tokens;
    private final int[] largest;
    private final int largestAt;
    private final Program mostLikely;
    /** The row of logits that was read last, and which it is; -1 for none. */
    private float[] row;
    private int rowNumber = -1;

    Sampling(KernelHost host, Graph graph, Limits limits, Lowering code, Region region, HostTexts texts) {
        this.host = host;
        this.code = code;
        this.texts = texts;
        sampled = graph.tokens();
        logits = graph.logits();
        tokens = new int[limits.maxOutputs()];
        largest = new int[limits.maxOutputs()];
        largestAt = region.take(4L * limits.maxOutputs(), "tokens");
        mostLikely = new Program(host, region);
        if (sampled != null) {
            mostLikely.add("sample_largest", code.batch.outputs, logits.channels(), code.values.of(logits), largestAt);
        }
        mostLikely.finish();
    }

    /** What the step before sampled. */
    int[] tokens() {
        return tokens;
    }

    int[] take(int rows) {
        return Arrays.copyOf(tokens, rows);
    }

    void write(float[] data) {
        for (int i = 0; i < data.length; i++) {
            tokens[i] = (int) data[i];
        }
    }

    float[] read(int rows) {
        float[] floats = new float[rows];
        for (int i = 0; i < rows; i++) {
            floats[i] = tokens[i];
        }
        return floats;
    }

    void run(FlatBatch batch) {
        rowNumber = -1;
        if (sampled == null || batch.outputs == 0) {
            return;
        }
        boolean anyGreedy = false;
        for (SampleSpec spec : batch.samples) {
            anyGreedy |= isGreedy(spec);
        }
        if (anyGreedy) {
            mostLikely.run(code.scratch);
            System.arraycopy(host.readInts(largestAt, batch.outputs), 0, largest, 0, batch.outputs);
        }
        for (int i = 0; i < batch.outputs; i++) {
            SampleSpec spec = batch.samples[i];
            tokens[i] = spec == null ? -1 : isGreedy(spec) ? largest[i] : sample(batch, i);
        }
    }

    private static boolean isGreedy(SampleSpec spec) {
        return spec != null && spec.mask() == null && spec.params().temperature() == 0 && !spec.params().hasPenalties()
            && spec.params().logitBias().isEmpty();
    }

    private int sample(FlatBatch batch, int output) {
        return texts.sample(sampler, batch, output, logits(output), 0, logits.channels());
    }

    /** A row of logits of the step that ran last. */
    float[] logits(int output) {
        if (rowNumber != output) {
            int vocab = logits.channels();
            row = host.readFloats(code.values.of(logits) + 4 * output * vocab, vocab);
            rowNumber = output;
        }
        return row;
    }
}
