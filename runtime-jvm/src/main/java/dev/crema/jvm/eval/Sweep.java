package dev.crema.jvm.eval;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.Progress;
import dev.crema.device.Device;
import dev.crema.engine.Engine;
import dev.crema.engine.EngineOptions;
import dev.crema.engine.GenerationListener;
import dev.crema.engine.GenerationRequest;
import dev.crema.engine.GenerationStats;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.sampling.SamplingParams;
import dev.crema.tokenizer.Tokenizer;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Post-training quantisation against sampling, as in arXiv 2309.05210: for each format, what it costs on a text, and for each choice of temperature,
 * top-k and length, how good what it writes is, how fast, and in how much memory. Texts are judged by the unrounded model.
 */
public final class Sweep {
    /** Texts of one point are begun with each prompt and each of so many seeds. */
    private static final int SEEDS = 3;

    /** What is varied. */
    public record Grid(List<WeightFormat> formats, List<Float> temperatures, List<Integer> topKs, List<Integer> maxTokens, List<String> prompts) { }

    /**
     * One point.
     *
     * @param perplexity      of the format on the text
     * @param divergence      mean, in nats, from the unrounded model
     * @param judged          perplexity of what was written, by the unrounded model
     * @param distinct        share of different pairs among neighbouring tokens written: low where the model repeats itself
     * @param tokensPerSecond of decode steps; NaN for formats that devices don't compute with
     * @param bytes           of all weights
     * @param kvBytes         of the KV cache of the longest text, in the format that the device keeps it in
     */
    public record Row(String format, double bits, long bytes, double perplexity, double divergence, double sameTop, float temperature, int topK,
            int maxTokens, int tokens, double judged, double distinct, double tokensPerSecond, long kvBytes) { }

    private final Model base;
    private final Supplier<Device> devices;
    private final Map<String, float[]> importance;
    private final Progress progress;

    /** {@code devices} opens one; {@code importance} by tensor name, may be empty. */
    public Sweep(Model base, Supplier<Device> devices, Map<String, float[]> importance, Progress progress) {
        this.base = base;
        this.devices = devices;
        this.importance = importance;
        this.progress = progress;
    }

    /** All points, format by format. */
    public List<Row> run(Grid grid, String text, int window) {
        List<Row> rows = new ArrayList<>();
        try (Device judgeDevice = devices.get(); Scorer judge = Scorer.awaitOpen(base, judgeDevice, base.contextLength(), Progress.NONE)) {
            for (WeightFormat format : grid.formats) {
                progress.report(Progress.Phase.OPEN, format.name(), rows.size(), grid.formats.size() * points(grid));
                Model rounded = RoundedModel.of(base, format, importance);
                Perplexity perplexity;
                Divergence divergence;
                try (Device device = devices.get(); Scorer scorer = Scorer.awaitOpen(rounded, device, window, Progress.NONE)) {
                    perplexity = Perplexity.await(scorer, text, window, share -> { });
                    divergence = Divergence.await(scorer, judge, text, window, share -> { });
                }
                generate(grid, format, rounded, judge, perplexity, divergence, rows);
            }
        }
        return rows;
    }

    private static int points(Grid grid) {
        return grid.temperatures.size() * grid.topKs.size() * grid.maxTokens.size();
    }

    private void generate(Grid grid, WeightFormat format, Model rounded, Scorer judge, Perplexity perplexity, Divergence divergence, List<Row> rows) {
        EngineOptions options = EngineOptions.DEFAULT;
        try (Device device = devices.get();
                Engine engine = ModelLoader.awaitLoad(rounded, device, options, Clock.SYSTEM, Progress.NONE, new Cancellation())) {
            // Once without counting, so that the JVM has compiled what is timed.
            new Texts(engine, judge).add(grid.prompts.get(0), 32, SamplingParams.GREEDY, 0);
            for (float temperature : grid.temperatures) {
                for (int topK : grid.topKs) {
                    for (int maxTokens : grid.maxTokens) {
                        var texts = new Texts(engine, judge);
                        var sampling = new SamplingParams(temperature, topK, 1, 0, 1, 1, 0, 0, Map.of());
                        for (String prompt : grid.prompts) {
                            for (int seed = 0; seed < (temperature == 0 ? 1 : SEEDS); seed++) {
                                texts.add(prompt, maxTokens, sampling, seed);
                            }
                        }
                        rows.add(new Row(format.name(), format.bits(), RoundedModel.bytes(base, format), perplexity.value(), divergence.mean(),
                            divergence.sameTop(), temperature, topK, maxTokens, texts.tokens, texts.judged(), texts.distinct(),
                            format.rounder() == null ? texts.speed() : Double.NaN, rounded.graph().kv().bytesPerToken(options.kvType()) * texts.longest));
                    }
                }
            }
        }
    }

    /** What was written at one point. */
    private static final class Texts {
        private final Engine engine;
        private final Scorer judge;
        private int tokens;
        private int longest;
        private int timedTokens;
        private long nanos;
        private double loss;
        private int judgedTokens;
        private int pairs;
        private int differentPairs;

        Texts(Engine engine, Scorer judge) {
            this.engine = engine;
            this.judge = judge;
        }

        void add(String prompt, int maxTokens, SamplingParams sampling, long seed) {
            Tokenizer tokenizer = engine.model().tokenizer();
            int[] encoded = tokenizer.encode(prompt, Tokenizer.Special.TEXT);
            int[] begin = new int[encoded.length + (tokenizer.addsBos() ? 1 : 0)];
            begin[0] = tokenizer.bos();
            System.arraycopy(encoded, 0, begin, begin.length - encoded.length, encoded.length);
            var listener = new Collected();
            engine.submit(new GenerationRequest(begin, maxTokens, sampling, seed, List.of(), false, -1, false, false, new Cancellation()), listener);
            while (engine.hasWork()) {
                engine.awaitStep();
            }
            if (listener.error != null) {
                throw listener.error;
            }
            tokens += listener.tokens.length;
            longest = Math.max(longest, begin.length + listener.tokens.length);
            timedTokens += Math.max(0, listener.stats.completionTokens() - 1);
            nanos += listener.stats.decodeNanos();
            judge(begin, listener.tokens);
        }

        private void judge(int[] begin, int[] written) {
            int[] all = new int[Math.min(judge.contextLength(), begin.length + written.length)];
            System.arraycopy(begin, 0, all, 0, begin.length);
            System.arraycopy(written, 0, all, begin.length, all.length - begin.length);
            judge.awaitRows(all, (position, logits, from, vocab) -> {
                if (position + 1 >= begin.length && position + 1 < all.length) {
                    loss += Scorer.logSum(logits, from, vocab) - logits[from + all[position + 1]];
                    judgedTokens++;
                }
            });
            var seen = new HashSet<Long>();
            for (int i = 1; i < written.length; i++) {
                pairs++;
                differentPairs += seen.add((long) written[i - 1] << 32 | written[i]) ? 1 : 0;
            }
        }

        double speed() {
            return nanos == 0 ? Double.NaN : timedTokens * 1e9 / nanos;
        }

        double judged() {
            return judgedTokens == 0 ? Double.NaN : Math.exp(loss / judgedTokens);
        }

        double distinct() {
            return pairs == 0 ? Double.NaN : differentPairs / (double) pairs;
        }
    }

    /** The tokens of one generation. */
    private static final class Collected implements GenerationListener {
        private int[] tokens = new int[0];
        private CremaException error;
        private GenerationStats stats;

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) { }

        @Override
        public void onFinish(Finish reason, int[] written, GenerationStats counted) {
            tokens = written;
            stats = counted;
        }

        @Override
        public void onError(CremaException failure) {
            error = failure;
        }
    }
}
