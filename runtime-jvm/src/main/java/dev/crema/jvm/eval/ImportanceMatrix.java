package dev.crema.jvm.eval;

import dev.crema.device.Step;
import dev.crema.engine.Model;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;

/**
 * How large what a linear layer reads is, channel by channel: the mean square over a text. The error of a weight matters in proportion to it, so
 * quantisers take it as the weight's importance. Each expert of a mixture has its own, over the tokens that came to it.
 */
public final class ImportanceMatrix {
    /** What layers read. @param routes null where there are no experts, who are {@code experts} */
    private record Input(Value x, Value routes, int channels, int experts) { }

    /** Sums of squares [experts, channels], and of how many rows each expert's are. */
    private record Sums(double[] squares, long[] rows) { }

    private final Map<String, Input> inputs;
    private final Map<Input, Sums> sums = new LinkedHashMap<>();

    private ImportanceMatrix(Map<String, Input> inputs) {
        this.inputs = inputs;
        for (Input input : inputs.values()) {
            sums.put(input, new Sums(new double[input.experts * input.channels], new long[input.experts]));
        }
    }

    /** By the names of the weights. Matrices of heads that look like those of experts have no router. */
    private static Map<String, Input> inputs(Graph graph) {
        Set<Value> routers = new LinkedHashSet<>();
        Map<String, Input> inputs = new LinkedHashMap<>();
        for (Op op : graph.ops()) {
            if (op instanceof Op.Route route) {
                routers.add(route.out());
            } else if (op instanceof Op.MatMul matMul && matMul.x().shape().isSymbolic()) {
                inputs.put(matMul.weight().name(), new Input(matMul.x(), null, matMul.x().shape().last(), 1));
            } else if (op instanceof Op.ExpertMatMul matMul && routers.contains(matMul.routes())) {
                inputs.put(matMul.weight().name(), new Input(matMul.x(), matMul.routes(), matMul.weight().shape().last(), matMul.weight().shape().extent(0)));
            }
        }
        return inputs;
    }

    /** The same model with what its linear layers read among the graph's outputs, so that it can be looked at. */
    public static Model tapped(Model model) {
        Graph graph = model.graph();
        Set<Value> outputs = new LinkedHashSet<>(graph.outputs());
        for (Input input : inputs(graph).values()) {
            outputs.add(input.x);
            if (input.routes != null) {
                outputs.add(input.routes);
            }
        }
        var tapped = new Graph(graph.name(), graph.inputs(), graph.ops(), new ArrayList<>(outputs), graph.logits(), graph.tokens(), graph.kv());
        return new Model(model.id(), model.checkpoint(), model.weights(), tapped, model.tokenizer(), model.template(), model.contextLength(),
            model.endTokens(), model.defaults());
    }

    /** Runs the text through a {@link #tapped} model; by the weights' names in the graph, one number an input channel, of each expert in turn. */
    public static Map<String, float[]> await(Scorer scorer, String text, int windowLength, DoubleConsumer share) {
        var matrix = new ImportanceMatrix(inputs(scorer.model().graph()));
        List<int[]> windows = Windows.of(text, scorer.model().tokenizer(), Math.min(windowLength, scorer.contextLength()));
        int done = 0;
        for (int[] window : windows) {
            scorer.awaitSteps(window, (step, count) -> matrix.awaitAdd(step));
            share.accept(++done / (double) windows.size());
        }
        return matrix.means();
    }

    private void awaitAdd(Step step) {
        sums.forEach((input, sum) -> {
            float[] x = step.awaitValue(input.x);
            if (input.routes == null) {
                for (int from = 0; from < x.length; from += input.channels) {
                    add(x, from, 0, sum);
                }
                return;
            }
            float[] routes = step.awaitValue(input.routes);
            int topK = input.routes.channels() / 2;
            boolean shared = input.x.channels() == input.channels;
            for (int entry = 0; entry < routes.length / 2; entry++) {
                int row = entry / topK;
                add(x, (shared ? row : entry) * input.channels, (int) routes[row * 2 * topK + entry % topK], sum);
            }
        });
    }

    private static void add(float[] x, int from, int expert, Sums sum) {
        int channels = sum.squares.length / sum.rows.length;
        for (int i = 0; i < channels; i++) {
            sum.squares[expert * channels + i] += (double) x[from + i] * x[from + i];
        }
        sum.rows[expert]++;
    }

    private Map<String, float[]> means() {
        Map<String, float[]> means = new LinkedHashMap<>();
        inputs.forEach((name, input) -> means.put(name, means(sums.get(input), input.channels)));
        return means;
    }

    /** Channels that were always 0 keep a little importance, so that their weights are not thrown away; experts whom no token came to have that of all together. */
    private static float[] means(Sums sums, int channels) {
        double[] together = new double[channels];
        long rows = 0;
        for (int i = 0; i < sums.squares.length; i++) {
            together[i % channels] += sums.squares[i];
        }
        for (long each : sums.rows) {
            rows += each;
        }
        float[] means = new float[sums.squares.length];
        for (int expert = 0; expert < sums.rows.length; expert++) {
            boolean met = sums.rows[expert] > 0;
            int from = expert * channels;
            double all = 0;
            for (int i = 0; i < channels; i++) {
                all += met ? sums.squares[from + i] : together[i];
            }
            for (int i = 0; i < channels; i++) {
                double sum = met ? sums.squares[from + i] : together[i];
                means[from + i] = (float) ((sum + 1e-3 * all / channels + Double.MIN_NORMAL) / Math.max(1, met ? sums.rows[expert] : rows));
            }
        }
        return means;
    }
}
