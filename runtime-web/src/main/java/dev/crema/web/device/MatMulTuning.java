package dev.crema.web.device;

import dev.crema.Clock;
import dev.crema.Progress;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Weight;
import dev.crema.tensor.Shape;
import dev.crema.web.gpu.GPUComputePassEncoder;
import org.teavm.jso.typedarrays.Int32Array;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lets the forms of a graph's mat-muls race, each on a weight of the model itself, before the graph is compiled. */
final class MatMulTuning {
    /** Rows of a race: two tiles, as a prompt has. */
    private static final int ROWS = 128;
    /** A pass is repeated until it takes about this long. */
    private static final double PASS_MILLIS = 3;
    private static final int MAX_REPEATS = 20;

    private final Granted granted;
    private final DeviceState state;
    private final Kernels kernels;
    private final WeightStore weights;
    private final Teams teams;
    private final FormTable forms;
    private final Tuner tuner;

    MatMulTuning(Granted granted, DeviceState state, Kernels kernels, WeightStore weights, Teams teams, FormTable forms, Tuner tuner) {
        this.granted = granted;
        this.state = state;
        this.kernels = kernels;
        this.weights = weights;
        this.teams = teams;
        this.forms = forms;
        this.tuner = tuner;
    }

    /** Enters the winner of each shape class of the graph into the table; a class of one form has nothing to find out. */
    void awaitTune(Graph graph, Limits limits, Progress progress) {
        if (limits.maxTokens() < ROWS) {
            return;
        }
        Map<String, GpuWeight> open = awaitOpenClasses(graph);
        prepare(open.values());
        kernels.awaitAll(progress);
        int done = 0;
        for (Map.Entry<String, GpuWeight> next : open.entrySet()) {
            progress.report(Progress.Phase.TUNE, next.getKey(), done++, open.size());
            GpuWeight weight = next.getValue();
            enter(next.getKey(), tuner.awaitWinner(next.getKey(), candidates(weight),
                candidate -> awaitMillis(weight.weight(), MatMulForm.of(candidate))));
        }
        tuner.save();
    }

    private void enter(String shapeClass, Tuner.Choice choice) {
        if (choice != null) {
            forms.put(shapeClass, MatMulForm.of(choice.candidate()), choice.why());
        }
    }

    private List<String> candidates(GpuWeight weight) {
        var candidates = new ArrayList<String>();
        for (MatMulForm form : MatMulForm.applicable(kernels, weight)) {
            candidates.add(form.kernel);
        }
        return candidates;
    }

    /** Starts compiling all that will race, so that a race does not wait for it. */
    private void prepare(Collection<GpuWeight> racing) {
        for (GpuWeight weight : racing) {
            for (String candidate : candidates(weight)) {
                kernels.get(candidate, MatMulForm.slots(weight));
            }
        }
    }

    /** The classes that have to race yet, each with a weight; those that raced on an earlier visit are entered. */
    private Map<String, GpuWeight> awaitOpenClasses(Graph graph) {
        Map<String, GpuWeight> open = classes(graph);
        for (String shapeClass : List.copyOf(open.keySet())) {
            List<String> candidates = candidates(open.get(shapeClass));
            if (candidates.size() > 1 && !forms.knows(shapeClass)) {
                enter(shapeClass, tuner.awaitStored(shapeClass, candidates));
            }
            if (candidates.size() < 2 || forms.knows(shapeClass)) {
                open.remove(shapeClass);
            }
        }
        return open;
    }

    /** The mat-muls of whole prompts, not that of the logits, which has few rows. Of a class the first weight races. */
    private Map<String, GpuWeight> classes(Graph graph) {
        var classes = new LinkedHashMap<String, GpuWeight>();
        for (Op op : graph.ops()) {
            if (op instanceof Op.MatMul matMul && Rows.of(matMul.out()) == Rows.TOKENS) {
                GpuWeight weight = weights.original(matMul.weight());
                classes.putIfAbsent(FormTable.shapeClass(weight), weight);
            }
        }
        return classes;
    }

    /** Milliseconds of one mat-mul: a graph of nothing else, compiled with this form. */
    private double awaitMillis(Weight weight, MatMulForm form) {
        var g = new GraphBuilder("race");
        Graph graph = g.output(g.matMul("out", g.input("x", Shape.of(Shape.TOKENS, weight.shape().last())), weight, null)).build();
        var limits = new Limits(ROWS, 1, 1, ROWS, 1);
        var memory = new GpuMemory(granted.device(), granted.maxBufferBytes());
        var stopwatch = new GpuStopwatch(granted.device(), granted.features().contains(Granted.TIMESTAMPS), Clock.SYSTEM, memory);
        boolean bound = weights.isBound(weight);
        try {
            List<Dispatch> dispatches = awaitCompiled(graph, limits, memory, form);
            var size = new StepSize(ROWS, 0, 1, ROWS, false);
            double once = stopwatch.awaitMillis(pass -> encode(pass, dispatches, size, 1));
            int repeats = (int) Math.max(1, Math.min(MAX_REPEATS, PASS_MILLIS / Math.max(once, 1e-3)));
            double millis = stopwatch.awaitMillis(pass -> encode(pass, dispatches, size, repeats)) / repeats;
            state.check();
            return millis;
        } finally {
            if (!bound) {
                weights.unbind(weight);
            }
            stopwatch.free();
        }
    }

    private List<Dispatch> awaitCompiled(Graph graph, Limits limits, GpuMemory memory, MatMulForm form) {
        var buffers = new GraphBuffers(graph, limits, new BatchWriter(limits, 0), memory, granted.device().getQueue());
        var params = new Params(memory);
        var lowering = new Lowering(granted.device(), kernels, weights, buffers, params, teams, FormTable.only(kernels, form));
        List<Dispatch> dispatches = new GraphCompiler(lowering).compile(graph);
        params.write(granted.device().getQueue());
        var header = new Int32Array(BatchWriter.HEADER_WORDS);
        header.set(BatchWriter.TOKENS, ROWS);
        granted.device().getQueue().writeBuffer(buffers.batch, 0, header, 0, header.getLength());
        kernels.awaitAll(Progress.NONE);
        return dispatches;
    }

    private static void encode(GPUComputePassEncoder pass, List<Dispatch> dispatches, StepSize size, int repeats) {
        for (int i = 0; i < repeats; i++) {
            for (Dispatch dispatch : dispatches) {
                dispatch.encode(pass, size);
            }
        }
    }
}
