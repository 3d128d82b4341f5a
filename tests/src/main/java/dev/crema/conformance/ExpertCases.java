package dev.crema.conformance;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.outputs;
import static dev.crema.conformance.CaseList.tokens;
import static dev.crema.conformance.CaseList.weight;

/** Mixtures of experts: the choice, the mat-muls by what was chosen, and the sum. With 60 experts and few rows many have nobody. */
final class ExpertCases {
    private static final DType[] FORMATS = {DType.F32, DType.F16, DType.Q8_0, DType.Q4_0, DType.Q4_K, DType.MXFP4};

    private ExpertCases() { }

    static void addTo(CaseList list) {
        routes(list);
        ties(list);
        for (DType format : FORMATS) {
            int block = Math.max(32, format.blockSize());
            for (int rows : new int[] {1, 3, 33}) {
                matMul(list, format, 8, 2, rows, block, 33, null);
            }
            matMul(list, format, 60, 4, 100, 3 * block, 65, null);
            matMul(list, format, 60, 8, 8, block, 20, null);
            matMul(list, format, 4, 1, 5, 2 * block, 60, DType.F32);
        }
        for (int rows = 1; rows <= 8; rows++) {
            matMul(list, DType.F32, 8, 2, rows, 33, 31, DType.F16);
            matMul(list, DType.Q4_0, 4, 2, rows, 96, 66, DType.BF16);
        }
        matMul(list, DType.F32, 1, 1, 1, 7, 1, null);
        matMul(list, DType.F16, 1, 1, 40, 257, 130, DType.F16);
        matMul(list, DType.BF16, 4, 4, 33, 65, 40, DType.BF16);
        ofOutputs(list);
        for (int topK : new int[] {1, 2, 4, 8}) {
            sum(list, topK, 3, 257);
            sum(list, topK, 33, 64);
        }
    }

    private static void routes(CaseList list) {
        for (int[] shape : new int[][] {{1, 1}, {4, 1}, {4, 4}, {8, 2}, {60, 4}, {60, 8}, {128, 8}, {257, 6}}) {
            int experts = shape[0];
            for (int rows : new int[] {1, 5, 33}) {
                String at = "e" + experts + "_k" + shape[1] + "_rows" + rows;
                route(list, "softmax/" + at, rows, experts, null, Routing.softmax(shape[1], false));
                route(list, "softmax/normalised_" + at, rows, experts, null, Routing.softmax(shape[1], true));
                route(list, "sigmoid/" + at, rows, experts, null, new Routing(shape[1], Scoring.SIGMOID, true, 2.5f, 1, 1, 1));
            }
        }
        for (DType bias : Sizes.VECTOR_FORMATS) {
            route(list, "sigmoid/bias_" + Sizes.nameOf(bias), 9, 60, bias, new Routing(8, Scoring.SIGMOID, true, 1, 1, 1, 1));
        }
        route(list, "groups/deepseek_v2", 9, 160, null, new Routing(6, Scoring.SOFTMAX, false, 16, 8, 3, 1));
        route(list, "groups/deepseek_v3", 9, 256, DType.F32, new Routing(8, Scoring.SIGMOID, true, 2.5f, 8, 4, 2));
        route(list, "groups/one_kept", 9, 8, DType.F32, new Routing(2, Scoring.SIGMOID, false, 1, 4, 1, 2));
    }

    private static void route(CaseList list, String shape, int rows, int experts, DType bias, Routing routing) {
        list.add("kernels/route/" + shape, DType.F32, 0, 4.0 * rows * experts, CaseList.limits(rows), 3, name -> {
            var g = new GraphBuilder("route");
            Weight b = bias == null ? null : weight(name, bias, experts);
            return g.output(g.route("out", g.input("scores", tokens(experts)), b, routing)).build();
        }, run -> run.add(0, rows, rows).awaitStep());
    }

    /** Rows of zeros, and scores of sixteen levels: of equals, the lower index is taken. */
    private static void ties(CaseList list) {
        list.add("kernels/route/ties/zeros", DType.F32, 0, 0, CaseList.limits(3), 0, name -> {
            var g = new GraphBuilder("route");
            Value scores = g.input("scores", tokens(60));
            g.output(g.route("softmax", scores, null, Routing.softmax(8, true)));
            return g.output(g.route("sigmoid", scores, null, new Routing(4, Scoring.SIGMOID, false, 1, 6, 2, 2))).build();
        }, run -> run.add(0, 3, 3).awaitStep());
        list.add("kernels/route/ties/levels", DType.MXFP4, 0, 0, CaseList.limits(40), 1, name -> {
            var g = new GraphBuilder("route");
            Value scores = g.embed("scores", weight(name, DType.MXFP4, 40, 64));
            return g.output(g.route("out", scores, null, Routing.softmax(8, true))).build();
        }, run -> run.vocab(40).add(0, 40, 1).awaitStep());
    }

    /** Both forms of x: a row for all its experts, and one for each. */
    private static void matMul(CaseList list, DType format, int experts, int topK, int rows, int in, int out, DType bias) {
        String shape = "/e" + experts + "_k" + topK + "_rows" + rows + "_in" + in + "_out" + out + (bias == null ? "" : "_bias_" + Sizes.nameOf(bias));
        double products = 2.0 * rows * topK * in * out;
        list.rows("kernels/expertMatMul/" + Sizes.nameOf(format) + shape, format, rows, 2 * products, 2.0 * format.bytes((long) experts * in * out),
            name -> {
                var g = new GraphBuilder("expertMatMul");
                Value scores = g.input("scores", tokens(experts));
                Value x = g.input("x", tokens(in));
                Value each = g.input("each", tokens(topK * in));
                Value routes = g.route("routes", scores, null, Routing.softmax(topK, true));
                Weight w = weight(name, format, experts, out, in);
                Weight b = bias == null ? null : weight(name + "/bias", bias, experts, out);
                g.output(g.expertMatMul("of_x", x, routes, w, b));
                return g.output(g.expertMatMul("of_each", each, routes, w, b)).build();
            });
    }

    /** Rows of outputs, two routings at once, and a batch that asks for nothing. */
    private static void ofOutputs(CaseList list) {
        list.add("kernels/expertMatMul/f32/outputs_of_two_routes", DType.F32, 0, 0, CaseList.limits(20), 1, name -> {
            var g = new GraphBuilder("expertMatMul");
            Value x = g.input("x", outputs(32));
            Value firstScores = g.input("first_scores", outputs(4));
            Value secondScores = g.input("second_scores", outputs(4));
            Value first = g.route("first", firstScores, null, Routing.softmax(2, true));
            Value second = g.route("second", secondScores, null, Routing.softmax(2, true));
            Weight w = weight(name, DType.F32, 4, 33, 32);
            g.output(g.expertMatMul("a", x, first, w, null)).output(g.expertMatMul("b", x, second, w, null));
            return g.output(g.expertMatMul("c", x, first, w, null)).build();
        }, run -> {
            run.add(0, 9, 8).add(1, 3, 1).awaitStep();
            run.add(0, 2, 0).awaitStep();
        });
    }

    private static void sum(CaseList list, int topK, int rows, int channels) {
        double elements = (double) rows * channels;
        list.rows("kernels/expertSum/k" + topK + "_rows" + rows + "_c" + channels, DType.F32, rows, 2 * topK * elements, 4 * (topK + 1) * elements,
            name -> {
                var g = new GraphBuilder("expertSum");
                Value x = g.input("x", tokens(topK * channels));
                Value routes = g.route("routes", g.input("scores", tokens(9)), null, Routing.softmax(topK, false));
                return g.output(g.expertSum("out", x, routes)).build();
            });
    }
}
