package dev.crema.conformance;

import dev.crema.device.KvFormats;
import dev.crema.device.Limits;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.tokens;
import static dev.crema.conformance.CaseList.weight;

/** Attention with what comes before it, which devices fuse: projections, norms of heads, rotation; steps of every kind of batch. */
final class RotaryCases {
    private static final Limits LIMITS = new Limits(70, 70, 10, 320, 80);
    private static final Limits LONG = new Limits(256, 16, 3, 2200, 150);

    /** Channels that q, k and v are projections of. */
    private static final int INPUTS = 16;

    /** What an op is made with; {@code pairs} of channels turn. */
    private record Shape(String name, int heads, int kvHeads, int headDim, int pairs, boolean interleaved, boolean factors, boolean norms,
            int window, float softcap, boolean sinks) {
        /** The usual rotation of whole heads in halves. */
        static Shape plain(String name, int heads, int kvHeads, int headDim) {
            return new Shape(name, heads, kvHeads, headDim, headDim / 2, false, false, false, 0, 0, false);
        }
    }

    private RotaryCases() { }

    static void addTo(CaseList list) {
        for (int headDim : new int[] {2, 24, 32, 48, 64, 80, 96, 112, 128, 192, 256}) {
            add(list, Shape.plain("d" + headDim, 4, 2, headDim), LIMITS, RotaryCases::steps);
        }
        for (int[] heads : new int[][] {{1, 1}, {4, 4}, {14, 2}, {9, 3}, {33, 11}, {24, 2}}) {
            add(list, Shape.plain("h" + heads[0] + "_kv" + heads[1], heads[0], heads[1], 32), LIMITS, RotaryCases::steps);
        }
        add(list, new Shape("unturned", 4, 2, 32, 0, false, false, false, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("norms", 4, 2, 64, 32, false, false, true, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("norms_unturned", 6, 2, 33, 0, false, false, true, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("partial", 4, 2, 80, 16, false, false, true, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("neighbours", 4, 2, 48, 24, true, false, false, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("neighbours_partial_factors", 4, 2, 48, 10, true, true, true, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("factors", 8, 2, 64, 32, false, true, false, 0, 0, false), LIMITS, RotaryCases::steps);
        add(list, new Shape("sinks_window20", 8, 2, 64, 32, false, false, false, 20, 0, true), LIMITS, RotaryCases::steps);
        add(list, new Shape("everything", 16, 2, 96, 40, false, true, true, 100, 5, true), LIMITS, RotaryCases::steps);
        for (DType format : KvFormats.ALL) {
            var limits = new Limits(70, 70, 10, 320, 80, format);
            String at = "kv_" + (format + "").toLowerCase() + '/';
            for (int headDim : new int[] {32, 64, 96, 128, 256}) {
                add(list, Shape.plain(at + "d" + headDim, 4, 2, headDim), limits, RotaryCases::steps);
            }
            add(list, new Shape(at + "norms_factors_sinks", 24, 2, 64, 32, false, true, true, 40, 0, true), limits, RotaryCases::steps);
            add(list, Shape.plain(at + "forks", 4, 2, 32), limits, AttentionCases::forks);
        }
        add(list, Shape.plain("eight", 4, 2, 64), LIMITS, RotaryCases::eight);
        add(list, Shape.plain("splits", 6, 2, 32), LIMITS, RotaryCases::splits);
        add(list, new Shape("splits_window130", 6, 2, 32, 16, false, false, false, 130, 0, true), LIMITS, RotaryCases::splits);
        add(list, Shape.plain("long", 2, 1, 64), LONG, RotaryCases::longContext);
    }

    private static void add(CaseList list, Shape shape, Limits limits, Setup.Script script) {
        int headDim = shape.headDim;
        // About 120 tokens over 60 positions each: only good for comparing runs of the same case.
        double work = 120.0 * 60 * shape.heads * headDim;
        list.add("kernels/rotaryAttention/" + shape.name, DType.F32, 4 * work, 8 * work / shape.heads * shape.kvHeads, limits, 1.7f, name -> {
            var g = new GraphBuilder("rotaryAttention").kv(new KvLayout(1, shape.kvHeads, headDim));
            Value x = g.input("x", tokens(INPUTS));
            Value q = turned(g, shape, x, name, "q", shape.heads);
            Value k = turned(g, shape, x, name, "k", shape.kvHeads);
            Value v = g.matMul("v", x, weight(name + "/v", DType.F32, shape.kvHeads * headDim, INPUTS), null);
            return g.output(g.attention("out", q, k, v, 0, shape.heads, shape.kvHeads, headDim, (float) (2 / Math.sqrt(headDim)), shape.window,
                shape.softcap, vector(shape.sinks, name + "/sinks", shape.heads))).build();
        }, script);
    }

    /** q or k: projection, norm, rotation. */
    private static Value turned(GraphBuilder g, Shape shape, Value x, String name, String what, int heads) {
        Value projected = g.matMul(what, x, weight(name + '/' + what, DType.F32, heads * shape.headDim, INPUTS), null);
        Value normed = !shape.norms ? projected : g.rmsNorm(what + "_norm", projected, weight(name + '/' + what + "_norm", DType.F32, shape.headDim),
            what.equals("q") ? 1e-5f : 1e-2f);
        return shape.pairs == 0 ? normed : g.rope(what + "_rope", normed, shape.headDim, table(shape), vector(shape.factors, name + "/factors",
            shape.pairs));
    }

    private static RopeTable table(Shape shape) {
        float[] frequencies = new float[shape.pairs];
        for (int i = 0; i < shape.pairs; i++) {
            frequencies[i] = (float) Math.pow(10000, -(double) i / shape.pairs);
        }
        return new RopeTable("test", shape.interleaved, shape.factors ? 1.2f : 1, frequencies);
    }

    private static Weight vector(boolean there, String name, int length) {
        return there ? weight(name, DType.F32, length) : null;
    }

    /** Every way that a step may go: many tokens, few of one sequence, one each of several, and back. */
    private static void steps(Run run) {
        run.add(0, 37, 1).add(1, 20, 1).awaitStep();
        run.add(0, 1, 1).awaitStep();
        run.add(1, 1, 1).add(2, 1, 1).add(0, 1, 1).awaitStep();
        run.add(0, 3, 1).add(2, 1, 1).awaitStep();
        run.add(2, 1, 1).add(1, 1, 1).awaitStep();
        run.add(1, 12, 2).add(0, 15, 1).awaitStep();
        run.add(0, 1, 1).add(1, 1, 1).awaitStep();
    }

    /** Eight sequences of ragged lengths, as many as count as few, and then nine. */
    private static void eight(Run run) {
        run.add(0, 1, 1).add(1, 2, 1).add(2, 15, 1).add(3, 16, 1).add(4, 17, 1).awaitStep();
        run.add(5, 31, 1).add(6, 33, 1).awaitStep();
        for (int step = 0; step < 3; step++) {
            for (int sequence = 0; sequence < 8 + step / 2; sequence++) {
                run.add(sequence, 1, 1);
            }
            run.awaitStep();
        }
        run.sequence(3).truncate(16);
        run.fork(6, 7);
        for (int sequence = 0; sequence < 8; sequence++) {
            run.add(sequence, 1, 1);
        }
        run.awaitStep();
    }

    /** Contexts on both sides of where the number of splits doubles, next to short ones, whose last splits see nothing. */
    private static void splits(Run run) {
        run.add(0, 63, 0).add(1, 3, 1).awaitStep();
        run.add(0, 63, 1).awaitStep();
        for (int step = 0; step < 4; step++) {
            run.add(0, 1, 1).add(1, 1, 1).awaitStep();
        }
        run.add(0, 62, 1).awaitStep();
        run.add(0, 61, 1).awaitStep();
        for (int step = 0; step < 4; step++) {
            run.add(1, 1, 1).add(0, 1, 1).awaitStep();
        }
        run.add(0, 2, 2).awaitStep();
    }

    private static void longContext(Run run) {
        for (int i = 0; i < 8; i++) {
            run.add(0, 255, 1).awaitStep();
        }
        run.add(0, 1, 1).add(1, 1, 1).awaitStep();
        run.add(0, 9, 1).add(1, 1, 1).awaitStep();
        run.add(0, 1, 1).awaitStep();
    }
}
