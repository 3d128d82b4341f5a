package dev.crema.web.selftest;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.reference.ReferenceDevice;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;
import dev.crema.tensor.DType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs {@link ProbeGraph} in one format: a prompt of {@link #PROMPT} tokens, single steps, and four sequences in one step. The reference's
 * results are computed once.
 */
final class Probe {
    private static final int PROMPT = 70;
    private static final Limits LIMITS = new Limits(PROMPT, 4, 4, 96, 12);
    /** Far above what rounding makes (1e-4 with activations in 8 bits), far below what a wrong index or a lost barrier makes. */
    private static final double MAX_NMSE = 2e-3;
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 1);

    private final DType format;
    private final Graph graph;
    private final Map<Weight, byte[]> contents;
    private List<float[]> expected;

    /** What a step left: rows of logits, and the token that was sampled of each. */
    private record Found(float[] logits, int[] tokens) { }

    Probe(DType format) {
        this.format = format;
        graph = ProbeGraph.of(format);
        contents = ProbeGraph.contents(graph);
    }

    /** What the device gets wrong, with the numbers, or null. */
    String awaitFault(Device device) {
        if (expected == null) {
            expected = new ArrayList<>();
            try (var reference = new ReferenceDevice()) {
                for (Found found : awaitRun(reference)) {
                    expected.add(found.logits);
                }
            }
        }
        List<Found> found = awaitRun(device);
        for (int step = 0; step < found.size(); step++) {
            String fault = compare(expected.get(step), found.get(step));
            if (fault != null) {
                return fault + " in step " + step + " with " + format + " weights";
            }
        }
        return null;
    }

    private static String compare(float[] expected, Found found) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.length; i++) {
            double error = found.logits[i] - expected[i];
            difference += error * error;
            size += (double) expected[i] * expected[i];
        }
        double nmse = difference / size;
        if (!(nmse <= MAX_NMSE)) {
            return "the logits are off by " + nmse + " (NMSE, at most " + MAX_NMSE + ")";
        }
        for (int row = 0; row < found.tokens.length; row++) {
            if (found.tokens[row] != largest(found.logits, row * ProbeGraph.VOCAB)) {
                return "the sampler took token " + found.tokens[row] + ", not the most likely, " + largest(found.logits, row * ProbeGraph.VOCAB) + ",";
            }
        }
        return null;
    }

    private static int largest(float[] logits, int from) {
        int best = 0;
        for (int i = 1; i < ProbeGraph.VOCAB; i++) {
            if (logits[from + i] > logits[from + best]) {
                best = i;
            }
        }
        return best;
    }

    private List<Found> awaitRun(Device device) {
        for (Map.Entry<Weight, byte[]> weight : contents.entrySet()) {
            device.upload(weight.getKey(), new ArrayBytes(weight.getValue()));
        }
        device.awaitUploads(Progress.NONE, new Cancellation());
        try (Executable executable = device.awaitCompile(graph, LIMITS, Progress.NONE)) {
            List<Sequence> sequences = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                sequences.add(executable.kvPool().newSequence());
            }
            List<Found> found = new ArrayList<>();
            found.add(awaitStep(executable, sequences.subList(0, 1), PROMPT, 1));
            found.add(awaitStep(executable, sequences.subList(0, 1), 1, 2));
            found.add(awaitStep(executable, sequences.subList(1, 4), 3, 3));
            found.add(awaitStep(executable, sequences, 1, 4));
            return found;
        }
    }

    /** So many tokens more of each sequence, which follow from the seed; a row for the last of each. */
    private static Found awaitStep(Executable executable, List<Sequence> sequences, int tokens, long seed) {
        var noise = new ProbeNoise(seed);
        List<Batch.Item> items = new ArrayList<>();
        for (Sequence sequence : sequences) {
            int[] ids = new int[tokens];
            for (int i = 0; i < tokens; i++) {
                ids[i] = noise.nextInt(ProbeGraph.VOCAB);
            }
            items.add(new Batch.Item(sequence, ids, 1, GREEDY, true));
        }
        Step step = executable.submit(new Batch(items));
        return new Found(step.awaitLogits(), step.awaitTokens());
    }
}
