package dev.crema.jvm.eval;

import dev.crema.engine.Model;
import dev.crema.graph.Graph;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/**
 * How large what a linear layer reads is, channel by channel: the mean square over a text. The error of a weight matters in proportion to it, so
 * quantisers take it as the weight's importance.
 */
public final class ImportanceMatrix {
    private final Map<Value, double[]> sums = new LinkedHashMap<>();
    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private long tokens;

    private ImportanceMatrix() { }

    /** The same model with what its linear layers read among the graph's outputs, so that it can be looked at. */
    public static Model tapped(Model model) {
        Graph graph = model.graph();
        List<Value> outputs = new ArrayList<>(graph.outputs());
        for (Op op : graph.ops()) {
            if (op instanceof Op.MatMul matMul && matMul.x().shape().isSymbolic() && !outputs.contains(matMul.x())) {
                outputs.add(matMul.x());
            }
        }
        var tapped = new Graph(graph.name(), graph.inputs(), graph.ops(), outputs, graph.logits(), graph.tokens(), graph.kv());
        return new Model(model.id(), model.checkpoint(), model.weights(), tapped, model.tokenizer(), model.template(), model.contextLength(),
            model.endTokens(), model.defaults());
    }

    /** Runs the text through a {@link #tapped} model; by the weights' names in the checkpoint, one number an input channel. */
    public static Map<String, float[]> await(Scorer scorer, String text, int windowLength, DoubleConsumer share) {
        var matrix = new ImportanceMatrix();
        for (Op op : scorer.model().graph().ops()) {
            if (op instanceof Op.MatMul matMul && scorer.model().graph().outputs().contains(matMul.x())) {
                matrix.inputs.put(matMul.weight().name(), matMul.x());
                matrix.sums.put(matMul.x(), new double[matMul.x().shape().last()]);
            }
        }
        var windows = Windows.of(text, scorer.model().tokenizer(), Math.min(windowLength, scorer.contextLength()));
        int done = 0;
        for (int[] window : windows) {
            scorer.awaitSteps(window, (step, count) -> {
                matrix.sums.forEach((value, sum) -> add(step.awaitValue(value), sum));
                matrix.tokens += count;
            });
            share.accept(++done / (double) windows.size());
        }
        return matrix.means();
    }

    private static void add(float[] rows, double[] sum) {
        for (int i = 0; i < rows.length; i++) {
            sum[i % sum.length] += (double) rows[i] * rows[i];
        }
    }

    /** Channels that were always 0 keep a little importance, so that their weights are not thrown away. */
    private Map<String, float[]> means() {
        Map<String, float[]> means = new LinkedHashMap<>();
        inputs.forEach((name, value) -> {
            double[] sum = sums.get(value);
            double all = 0;
            for (double channel : sum) {
                all += channel;
            }
            float[] mean = new float[sum.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (float) ((sum[i] + 1e-3 * all / sum.length + Double.MIN_NORMAL) / tokens);
            }
            means.put(name, mean);
        });
        return means;
    }
}
