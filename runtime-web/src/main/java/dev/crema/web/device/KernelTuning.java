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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lets the forms of a graph's mat-muls race, for many rows and for one, each on a weight of the model itself, before the graph is compiled. */
final class KernelTuning {
    /** Rows of a race for prompts: two tiles. */
    private static final int MANY_ROWS = 128;
    /** A pass is repeated until it takes about this long. */
    private static final double PASS_MILLIS = 3;
    private static final int MAX_REPEATS = 20;

    /** What races for a shape class: on this weight, with so many rows. */
    private record Contest(String shapeClass, GpuWeight weight, int rows, List<String> candidates) { }

    private final Granted granted;
    private final DeviceState state;
    private final Kernels kernels;
    private final WeightStore weights;
    private final Teams teams;
    private final FormTable forms;
    private final Tuner tuner;

    KernelTuning(Granted granted, DeviceState state, Kernels kernels, WeightStore weights, Teams teams, FormTable forms, Tuner tuner) {
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
        List<Contest> open = awaitOpen(contests(graph, limits));
        prepare(open);
        kernels.awaitAll(progress);
        int done = 0;
        for (Contest contest : open) {
            progress.report(Progress.Phase.TUNE, contest.shapeClass, done++, open.size());
            enter(contest, tuner.awaitWinner(contest.shapeClass, contest.candidates, candidate -> awaitMillis(contest, candidate)));
        }
        tuner.save();
    }

    private void enter(Contest contest, Tuner.Choice choice) {
        if (choice != null) {
            forms.put(contest.shapeClass, choice.candidate(), choice.why());
        }
    }

    /** Starts compiling all that will race, so that a race does not wait for it. */
    private void prepare(List<Contest> open) {
        for (Contest contest : open) {
            for (String candidate : contest.candidates) {
                if (contest.rows > 1) {
                    kernels.get(candidate, MatMulForm.slots(contest.weight));
                } else {
                    kernels.get("mat_vec", ProjectLowering.slots(contest.weight, teams, false, 0), TeamForm.of(candidate));
                }
            }
        }
    }

    /** The contests that have to be held yet; what an earlier visit found is entered. */
    private List<Contest> awaitOpen(Map<String, Contest> contests) {
        var open = new ArrayList<Contest>();
        for (Contest contest : contests.values()) {
            if (contest.candidates.size() > 1 && !forms.knows(contest.shapeClass)) {
                enter(contest, tuner.awaitStored(contest.shapeClass, contest.candidates));
                if (!forms.knows(contest.shapeClass)) {
                    open.add(contest);
                }
            }
        }
        return open;
    }

    /**
     * One for each class: of all mat-muls with one row, and of those of whole prompts with many (that of the logits has few rows). Of a
     * class the first weight races.
     */
    private Map<String, Contest> contests(Graph graph, Limits limits) {
        var contests = new LinkedHashMap<String, Contest>();
        for (Op op : graph.ops()) {
            if (op instanceof Op.MatMul matMul) {
                GpuWeight weight = weights.original(matMul.weight());
                if (Rows.of(matMul.out()) == Rows.TOKENS && limits.maxTokens() >= MANY_ROWS) {
                    String shapeClass = FormTable.matMulClass(weight);
                    contests.computeIfAbsent(shapeClass, name -> new Contest(name, weight, MANY_ROWS, manyRows(weight)));
                }
                contests.computeIfAbsent(FormTable.matVecClass(weight), name -> new Contest(name, weight, 1, oneRow()));
            }
        }
        return contests;
    }

    private List<String> manyRows(GpuWeight weight) {
        var candidates = new ArrayList<String>();
        for (MatMulForm form : MatMulForm.applicable(kernels, weight)) {
            candidates.add(form.kernel);
        }
        return candidates;
    }

    private List<String> oneRow() {
        var candidates = new ArrayList<String>();
        for (TeamForm form : TeamForm.applicable(kernels, teams)) {
            candidates.add(form.label);
        }
        return candidates;
    }

    /** Milliseconds of one mat-mul: a graph of nothing else, compiled with this candidate. */
    private double awaitMillis(Contest contest, String candidate) {
        Weight weight = contest.weight.weight();
        var g = new GraphBuilder("race");
        Graph graph = g.output(g.matMul("out", g.input("x", Shape.of(Shape.TOKENS, weight.shape().last())), weight, null)).build();
        var limits = new Limits(contest.rows, 1, 1, contest.rows, 1);
        var memory = new GpuMemory(granted.device(), granted.maxBufferBytes());
        var stopwatch = new GpuStopwatch(granted.device(), state, granted.features().contains(Granted.TIMESTAMPS), Clock.SYSTEM, memory);
        boolean bound = weights.isBound(weight);
        try {
            List<Dispatch> dispatches = awaitCompiled(graph, limits, memory, FormTable.racing(kernels, contest.shapeClass, candidate));
            var size = new StepSize(contest.rows, 0, 1, contest.rows, false);
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

    private List<Dispatch> awaitCompiled(Graph graph, Limits limits, GpuMemory memory, FormTable racing) {
        var buffers = new GraphBuffers(graph, limits, new BatchWriter(limits, 0), memory, granted.device().getQueue());
        var params = new Params(memory);
        var lowering = new Lowering(granted.device(), kernels, weights, buffers, params, teams, racing);
        List<Dispatch> dispatches = new GraphCompiler(lowering).compile(graph);
        params.write(granted.device().getQueue());
        var header = new Int32Array(BatchWriter.HEADER_WORDS);
        header.set(BatchWriter.TOKENS, limits.maxTokens());
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
