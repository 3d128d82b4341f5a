package dev.crema.bench;

import dev.crema.Progress;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.graph.Graph;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.SamplingParams;

import java.util.List;
import java.util.Locale;

/**
 * Tokens a second of a graph: a prompt in one step, then greedy tokens one by one. The best of several rounds counts, because everything
 * else on a machine only ever slows a round down.
 */
record TokenSpeed(double prefill, double decode, double firstRoundMillis) {
    private static final SampleSpec GREEDY = new SampleSpec(SamplingParams.GREEDY, 0);

    static TokenSpeed awaitMeasure(Device device, Graph graph, int prompt, int reply, int rounds) {
        int context = prompt + reply + 1;
        try (Executable executable = device.awaitCompile(graph, new Limits(prompt, 1, 1, context, context / 16 + 1), Progress.NONE)) {
            double prefill = 0;
            double decode = 0;
            double first = 0;
            for (int round = 0; round < rounds; round++) {
                try (Sequence sequence = executable.kvPool().newSequence()) {
                    long start = System.nanoTime();
                    int token = awaitStep(executable, sequence, new int[prompt]);
                    long middle = System.nanoTime();
                    for (int i = 0; i < reply; i++) {
                        token = awaitStep(executable, sequence, new int[] {token});
                    }
                    long end = System.nanoTime();
                    prefill = Math.max(prefill, prompt / ((middle - start) * 1e-9));
                    decode = Math.max(decode, reply / ((end - middle) * 1e-9));
                    first = round == 0 ? (end - start) * 1e-6 : first;
                }
            }
            return new TokenSpeed(prefill, decode, first);
        }
    }

    private static int awaitStep(Executable executable, Sequence sequence, int[] tokens) {
        return executable.submit(new Batch(List.of(new Batch.Item(sequence, tokens, 1, GREEDY, false)))).awaitTokens()[0];
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "prefill %8.1f t/s, decode %7.1f t/s, first round %.0f ms", prefill, decode, firstRoundMillis);
    }
}
