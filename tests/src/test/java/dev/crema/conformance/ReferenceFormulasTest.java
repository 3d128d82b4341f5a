package dev.crema.conformance;

import dev.crema.Cancellation;
import dev.crema.Progress;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Batch;
import dev.crema.device.Executable;
import dev.crema.device.Limits;
import dev.crema.device.Sequence;
import dev.crema.device.Step;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Op;
import dev.crema.graph.Operands;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.quant.Quant;
import dev.crema.reference.Activations;
import dev.crema.reference.ReferenceDevice;
import dev.crema.reference.Router;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The reference device against the textbook formulas in double precision, written here a second time and in another way. */
class ReferenceFormulasTest {
    private static final int ROWS = 7;
    private final Map<String, float[]> weights = new HashMap<>();
    private final Map<Value, float[]> inputs = new HashMap<>();
    private GraphBuilder g = new GraphBuilder("formula");

    private Value input(int channels) {
        Value value = g.input("input" + inputs.size(), Shape.of(Shape.TOKENS, channels));
        inputs.put(value, new Noise(inputs.size() + 1).floats(ROWS * channels, 2));
        return value;
    }

    private Weight weight(int... shape) {
        var weight = new Weight("w" + weights.size(), DType.F32, Shape.of(shape));
        weights.put(weight.name(), new Noise(100 + weights.size()).floats((int) weight.shape().elements(), 1));
        return weight;
    }

    /** Runs the graph on one sequence of {@link #ROWS} tokens with ids 3, 2, 1, 0, 3, 2, 1. */
    private float[] run(Value out) {
        Graph graph = g.output(out).build();
        try (var device = new ReferenceDevice()) {
            for (Weight weight : Operands.weightsOf(graph)) {
                byte[] bytes = new byte[(int) weight.dtype().bytes(weight.shape().elements())];
                Quant.quantize(weight.dtype(), weights.get(weight.name()), 0, bytes, 0, weights.get(weight.name()).length);
                device.upload(weight, new ArrayBytes(bytes));
            }
            device.awaitUploads(Progress.NONE, new Cancellation());
            try (Executable executable = device.awaitCompile(graph, new Limits(ROWS, ROWS, 1, ROWS, 1), Progress.NONE)) {
                inputs.forEach(executable::write);
                Sequence sequence = executable.kvPool().newSequence();
                Step step = executable.submit(new Batch(List.of(new Batch.Item(sequence, new int[] {3, 2, 1, 0, 3, 2, 1}, 2, null, false))));
                return step.awaitValue(out);
            }
        }
    }

    private static void assertClose(double expected, float found, String what) {
        assertEquals(expected, found, 2e-6 * Math.max(1, Math.abs(expected)) * 4, what);
    }

    @Test
    void embedTakesRowsOfTheTable() {
        Weight table = weight(4, 5);
        float[] found = run(g.embed("out", table));
        int[] ids = {3, 2, 1, 0, 3, 2, 1};
        for (int i = 0; i < found.length; i++) {
            assertEquals(weights.get(table.name())[ids[i / 5] * 5 + i % 5], found[i]);
        }
    }

    @Test
    void embedByPosition() {
        Weight table = weight(10, 5);
        float[] found = run(g.embed("out", table, new Op.Index(Op.Index.Kind.POSITION, 2)));
        for (int i = 0; i < found.length; i++) {
            assertEquals(weights.get(table.name())[(i / 5 + 2) * 5 + i % 5], found[i]);
        }
    }

    @Test
    void layerNormOfRows() {
        Value x = input(6);
        Weight weight = weight(6);
        Weight bias = weight(6);
        float[] found = run(g.layerNorm("out", x, weight, bias, 1e-3f));
        float[] in = inputs.get(x);
        for (int i = 0; i < found.length; i++) {
            double mean = 0;
            double squares = 0;
            for (int j = i / 6 * 6; j < i / 6 * 6 + 6; j++) {
                mean += in[j] / 6.0;
                squares += in[j] * (double) in[j] / 6;
            }
            double normed = (in[i] - mean) / Math.sqrt(squares - mean * mean + 1e-3);
            assertClose(normed * weights.get(weight.name())[i % 6] + weights.get(bias.name())[i % 6], found[i], "element " + i);
        }
    }

    @Test
    void activationsHaveTheirPublishedValues() {
        // At -1.5 and 2, in double precision with libm's erf.
        double[][] values = {{-0.2736382857, 1.7615941560}, {-0.1002108020, 1.9544997361}, {-0.1004284230, 1.9545976941}, {-0.1083378016, 1.9356586231},
            {0, 2}, {0, 4}, {-0.9051482536, 0.9640275801}, {-1.5, 2}, {-0.1083378016, 1.9356586231}, {-0.5, 3}};
        for (Activation activation : Activation.values()) {
            assertEquals(values[activation.ordinal()][0], Activations.of(activation, -1.5), 3e-7, activation + " of -1.5");
            assertEquals(values[activation.ordinal()][1], Activations.of(activation, 2), 3e-7, activation + " of 2");
        }
        assertEquals(7 / (1 + Math.exp(-1.702 * 7)), Activations.of(Activation.LIMITED_QUICK_GELU, 9), 1e-9);
        assertEquals(-6, Activations.of(Activation.LIMITED_PLUS_ONE, -9), 0);
    }

    @Test
    void aSoftCapIsAnActivation() {
        Value x = input(4);
        float[] found = run(g.softcap("out", x, 0.5));
        for (int i = 0; i < found.length; i++) {
            assertClose(0.5 * Math.tanh(inputs.get(x)[i] / 0.5), found[i], "element " + i);
        }
    }

    @Test
    void rmsNormOfGroups() {
        Value x = input(12);
        Weight weight = weight(4);
        float[] found = run(g.rmsNorm("out", x, weight, 1e-3f));
        float[] in = inputs.get(x);
        for (int i = 0; i < found.length; i++) {
            double mean = 0;
            for (int j = i / 4 * 4; j < i / 4 * 4 + 4; j++) {
                mean += Math.pow(in[j], 2) / 4;
            }
            assertClose(in[i] * Math.pow(mean + 1e-3f, -0.5) * weights.get(weight.name())[i % 4], found[i], "element " + i);
        }
    }

    @Test
    void matMulWithBias() {
        Value x = input(9);
        Weight w = weight(6, 9);
        Weight bias = weight(6);
        float[] found = run(g.matMul("out", x, w, bias));
        for (int i = 0; i < found.length; i++) {
            double sum = weights.get(bias.name())[i % 6];
            for (int j = 0; j < 9; j++) {
                sum += (double) inputs.get(x)[i / 6 * 9 + j] * weights.get(w.name())[i % 6 * 9 + j];
            }
            assertClose(sum, found[i], "element " + i);
        }
    }

    /** A pair is a complex number, and rope multiplies it by magnitude * e^(i * angle). */
    @Test
    void ropeTurnsComplexNumbers() {
        for (boolean interleaved : new boolean[] {false, true}) {
            g = new GraphBuilder("formula");
            inputs.clear();
            weights.clear();
            Value x = input(2 * 6);
            Weight factors = weight(2);
            var table = new RopeTable("t", interleaved, 1.5f, new float[] {1, 0.25f});
            float[] found = run(g.rope("out", x, 6, table, factors));
            float[] in = inputs.get(x);
            for (int head = 0; head < ROWS * 2; head++) {
                for (int pair = 0; pair < 2; pair++) {
                    int re = head * 6 + (interleaved ? 2 * pair : pair);
                    int im = head * 6 + (interleaved ? 2 * pair + 1 : pair + 2);
                    double angle = head / 2 * table.inverseFrequencies()[pair] / weights.get(factors.name())[pair];
                    double length = 1.5 * Math.hypot(in[re], in[im]);
                    double phase = Math.atan2(in[im], in[re]) + angle;
                    assertClose(length * Math.cos(phase), found[re], "re " + head + ' ' + pair);
                    assertClose(length * Math.sin(phase), found[im], "im " + head + ' ' + pair);
                }
                assertEquals(in[head * 6 + 4], found[head * 6 + 4]);
                assertEquals(in[head * 6 + 5], found[head * 6 + 5]);
            }
        }
    }

    @Test
    void attentionIsASoftmaxOfWhatIsSeen() {
        for (int window : new int[] {0, 3}) {
            attention(window, 0, null);
            attention(window, 0.8f, null);
            attention(window, 1.5f, weight(4));
        }
    }

    /** Of a query's head over k, of whose heads the first two of three channels are v. */
    @Test
    void latentAttentionSumsUpPartsOfKeys() {
        g = new GraphBuilder("formula").kv(new KvLayout(1, 2, 3, 2));
        inputs.clear();
        Value q = input(12);
        Value k = input(6);
        float[] found = run(g.latentAttention("out", q, k, 0, 4, 2, 3, 0.7f));
        for (int t = 0; t < ROWS; t++) {
            for (int head = 0; head < 4; head++) {
                for (int c = 0; c < 2; c++) {
                    assertClose(attended(inputs.get(q), inputs.get(k), inputs.get(k), t, head, c, 0, 0, 0), found[t * 8 + head * 2 + c],
                        "token " + t + " head " + head);
                }
            }
        }
    }

    @Test
    void joinPutsHeadsSideBySide() {
        Value a = input(6);
        Value b = input(3);
        float[] found = run(g.join("out", a, b, 3));
        for (int i = 0; i < ROWS * 9; i++) {
            float expected = i % 3 < 2 ? inputs.get(a)[i / 3 * 2 + i % 3] : inputs.get(b)[i / 3];
            assertEquals(expected, found[i]);
        }
    }

    private void attention(int window, float softcap, Weight sinks) {
        g = new GraphBuilder("formula").kv(new KvLayout(1, 2, 3));
        inputs.clear();
        Value q = input(12);
        Value k = input(6);
        Value v = input(6);
        float[] found = run(g.attention("out", q, k, v, 0, 4, 2, 3, 0.7f, window, softcap, sinks));
        for (int t = 0; t < ROWS; t++) {
            for (int head = 0; head < 4; head++) {
                double sink = sinks == null ? 0 : Math.exp(weights.get(sinks.name())[head]);
                for (int c = 0; c < 3; c++) {
                    assertClose(attended(inputs.get(q), inputs.get(k), inputs.get(v), t, head, c, window, softcap, sink),
                        found[t * 12 + head * 3 + c], "token " + t + " head " + head + " window " + window + " cap " + softcap);
                }
            }
        }
    }

    private static double attended(float[] q, float[] k, float[] v, int t, int head, int c, int window, float softcap, double sink) {
        double sum = sink;
        double weighted = 0;
        for (int p = 0; p <= t; p++) {
            double score = 0;
            for (int i = 0; i < 3; i++) {
                score += 0.7f * (double) q[t * 12 + head * 3 + i] * k[p * 6 + head / 2 * 3 + i];
            }
            score = softcap == 0 ? score : softcap * Math.tanh(score / softcap);
            double weight = window != 0 && p <= t - window ? 0 : Math.exp(score);
            sum += weight;
            weighted += weight * v[p * 6 + head / 2 * 3 + c];
        }
        return weighted / sum;
    }

    @Test
    void gatedIsSwishTimesUp() {
        Value gate = input(5);
        Value up = input(5);
        float[] found = run(g.gated("out", gate, up, Activation.SILU));
        for (int i = 0; i < found.length; i++) {
            double x = inputs.get(gate)[i];
            assertClose(x * 0.5 * (1 + Math.tanh(x / 2)) * inputs.get(up)[i], found[i], "element " + i);
        }
    }

    /** Sorts pairs of choice and expert, as the families' own code does. */
    @Test
    void routeIsTheTopOfASort() {
        for (Scoring scoring : Scoring.values()) {
            g = new GraphBuilder("formula");
            inputs.clear();
            weights.clear();
            Value scores = input(12);
            Weight bias = weight(12);
            float[] found = run(g.route("out", scores, bias, new Routing(5, scoring, true, 2.5f, 4, 2, 2)));
            for (int row = 0; row < ROWS; row++) {
                double[] p = probabilities(inputs.get(scores), row * 12, 12, scoring);
                List<Integer> chosen = chosenOfGroups(p, weights.get(bias.name()));
                double sum = chosen.stream().mapToDouble(e -> p[e]).sum();
                for (int i = 0; i < 5; i++) {
                    assertEquals((float) chosen.get(i), found[row * 10 + i], scoring + " row " + row);
                    assertClose(2.5 * p[chosen.get(i)] / sum, found[row * 10 + 5 + i], scoring + " row " + row);
                }
            }
        }
    }

    private static double[] probabilities(float[] scores, int from, int n, Scoring scoring) {
        double[] p = new double[n];
        double sum = 0;
        for (int i = 0; i < n; i++) {
            p[i] = scoring == Scoring.SOFTMAX ? Math.exp(scores[from + i]) : 0.5 * (1 + Math.tanh(scores[from + i] / 2.0));
            sum += p[i];
        }
        for (int i = 0; scoring == Scoring.SOFTMAX && i < n; i++) {
            p[i] /= sum;
        }
        return p;
    }

    /** The first five experts of the two best of four groups of three, groups by the sum of their best two. */
    private static List<Integer> chosenOfGroups(double[] p, float[] bias) {
        Comparator<Integer> byChoice = Comparator.comparingDouble(e -> -(p[e] + bias[e]));
        Comparator<Integer> byBestTwo = Comparator.comparingDouble(group -> -IntStream.range(3 * group, 3 * group + 3)
            .mapToDouble(e -> p[e] + bias[e]).sorted().skip(1).sum());
        List<Integer> groups = IntStream.range(0, 4).boxed().sorted(byBestTwo).limit(2).toList();
        return IntStream.range(0, 12).boxed().filter(e -> groups.contains(e / 3)).sorted(byChoice).limit(5).toList();
    }

    @Test
    void scoresThatAreNoNumbersComeLast() {
        var router = new Router(Routing.softmax(3, true), 5, null);
        float[] out = new float[12];
        float[] scores = {Float.NaN, 1, Float.NEGATIVE_INFINITY, 1, 0, Float.NaN, Float.NaN, Float.NaN, Float.NaN, Float.NaN};
        router.route(scores, 2, out);
        assertArrayEquals(new float[] {1, 3, 4}, Arrays.copyOf(out, 3));
        assertArrayEquals(new float[] {0, 1, 2, 1 / 3f, 1 / 3f, 1 / 3f}, Arrays.copyOfRange(out, 6, 12), 1e-7f);
    }

    @Test
    void expertsMultiplyAndAddUp() {
        Value x = input(4);
        Value scores = input(5);
        Weight w = weight(5, 3, 4);
        Weight bias = weight(5, 3);
        Value routes = g.route("routes", scores, null, Routing.softmax(2, false));
        float[] found = run(g.expertSum("out", g.expertMatMul("products", x, routes, w, bias), routes));
        for (int i = 0; i < found.length; i++) {
            int row = i / 3;
            double[] p = probabilities(inputs.get(scores), row * 5, 5, Scoring.SOFTMAX);
            double expected = 0;
            for (int e : IntStream.range(0, 5).boxed().sorted(Comparator.comparingDouble(e -> -p[e])).limit(2).toList()) {
                double product = weights.get(bias.name())[e * 3 + i % 3];
                for (int j = 0; j < 4; j++) {
                    product += (double) inputs.get(x)[row * 4 + j] * weights.get(w.name())[(e * 3 + i % 3) * 4 + j];
                }
                expected += p[e] * product;
            }
            assertClose(expected, found[i], "element " + i);
        }
    }

    @Test
    void selectRowsTakesTheOutputs() {
        Value x = input(3);
        float[] found = run(g.selectRows("out", x));
        assertEquals(6, found.length);
        for (int i = 0; i < 6; i++) {
            assertEquals(inputs.get(x)[5 * 3 + i], found[i]);
        }
    }
}
