package dev.crema.conformance;

import dev.crema.graph.Activation;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.tokens;
import static dev.crema.conformance.CaseList.weight;

/** Mat-muls with what devices fuse to them: each format times few rows and many, odd sizes, and what stands before and after. */
final class ProjectCases {
    /** Steps of every case: each number of rows that counts as few somewhere, and more. */
    private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 33};
    private static final DType[] FORMATS = {DType.F32, DType.F16, DType.BF16, DType.Q8_0, DType.Q4_0, DType.Q4_1, DType.Q5_0, DType.Q5_1,
        DType.Q2_K, DType.Q3_K, DType.Q4_K, DType.Q5_K, DType.Q6_K, DType.IQ4_NL, DType.IQ4_XS, DType.MXFP4, DType.IQ2_LEVELS};

    private ProjectCases() { }

    static void addTo(CaseList list) {
        for (DType format : FORMATS) {
            int block = format.blockSize();
            int[] widths = block == 1 ? new int[] {33, 96, 257} : new int[] {block, 3 * block};
            for (int in : widths) {
                project(list, format, in, 65, true, true, true);
                gated(list, format, format, in, 33);
            }
            project(list, format, widths[0], 1, true, false, false);
            project(list, format, widths[1], 34, false, true, true);
            gated(list, format, format, widths[1], 64);
            heads(list, format, format, widths[1]);
        }
        gated(list, DType.Q8_0, DType.Q4_0, 64, 33);
        gated(list, DType.F16, DType.F32, 33, 31);
        heads(list, DType.Q4_K, DType.Q6_K, 512);
        heads(list, DType.F32, DType.Q8_0, 64);
        for (DType format : Sizes.FORMATS) {
            selected(list, format, true);
            selected(list, format, false);
        }
    }

    /** {@code out = n(x) · Wᵀ (+ bias) (+ residual)}. */
    private static void project(CaseList list, DType format, int in, int out, boolean norm, boolean bias, boolean residual) {
        String shape = "/in" + in + "_out" + out + (norm ? "_norm" : "") + (bias ? "_bias" : "") + (residual ? "_residual" : "");
        rows(list, "kernels/project/" + Sizes.nameOf(format) + shape, format, Tolerance.of(format), in, out, name -> {
            var g = new GraphBuilder("project");
            Value x = g.input("x", tokens(in));
            Value added = residual ? g.input("residual", tokens(out)) : null;
            Value read = norm ? g.rmsNorm("normed", x, weight(name + "/norm", DType.F32, in), 1e-5f) : x;
            Value product = g.matMul("product", read, weight(name, format, out, in), bias ? weight(name + "/bias", DType.F32, out) : null);
            return g.output(residual ? g.add("out", added, product) : product).build();
        });
    }

    private static void gated(CaseList list, DType gateFormat, DType upFormat, int in, int out) {
        String formats = Sizes.nameOf(gateFormat) + (upFormat == gateFormat ? "" : '_' + Sizes.nameOf(upFormat));
        rows(list, "kernels/gatedProject/" + formats + "/in" + in + "_out" + out, gateFormat, Tolerance.ofSeveral(gateFormat), in, 2 * out, name -> {
            var g = new GraphBuilder("gatedProject");
            Value normed = g.rmsNorm("normed", g.input("x", tokens(in)), weight(name + "/norm", DType.F32, in), 1e-5f);
            Value gate = g.matMul("gate", normed, weight(name + "/gate", gateFormat, out, in), weight(name + "/bias", DType.F32, out));
            Value up = g.matMul("up", normed, weight(name + "/up", upFormat, out, in), null);
            return g.output(g.gated("out", gate, up, out == 64 ? Activation.GELU_TANH : Activation.SILU)).build();
        });
    }

    private static void rows(CaseList list, String name, DType format, Tolerance tolerance, int in, int out, CaseList.GraphMaker graph) {
        int sum = 0;
        for (int rows : ROWS) {
            sum += rows;
        }
        double bytes = (double) ROWS.length * in * out * format.blockBytes() / format.blockSize() + 4.0 * sum * (in + out);
        list.add(name, format, tolerance, 2.0 * sum * in * out, bytes, CaseList.limits(sum), 1, graph, run -> {
            for (int rows : ROWS) {
                run.add(0, rows, rows).awaitStep();
            }
        });
    }

    /** q, k and v of one norm, turned and attended: what a device may read in one. */
    private static void heads(CaseList list, DType format, DType vFormat, int in) {
        String formats = Sizes.nameOf(format) + (vFormat == format ? "" : '_' + Sizes.nameOf(vFormat));
        list.add("kernels/rotaryAttention/" + formats + "/in" + in, vFormat, Tolerance.ofSeveral(vFormat), 0, 0, CaseList.limits(80), 1, name -> {
            var g = new GraphBuilder("heads").kv(new KvLayout(1, 2, 16));
            Value normed = g.rmsNorm("normed", g.input("x", tokens(in)), weight(name + "/norm", DType.F32, in), 1e-5f);
            var table = new RopeTable("test", false, 1, new float[] {1, 0.5f, 0.25f, 0.1f, 0.05f, 0.02f, 0.01f, 0.001f});
            Weight bias = weight(name + "/bias", DType.F32, 32);
            Value q = g.rope("q_rope", g.matMul("q", normed, weight(name + "/q", format, 64, in), null), 16, table, null);
            Value k = g.rope("k_rope", g.matMul("k", normed, weight(name + "/k", format, 32, in), bias), 16, table, null);
            Value v = g.matMul("v", normed, weight(name + "/v", vFormat, 32, in), null);
            return g.output(g.attention("out", q, k, v, 0, 4, 2, 16, 0.25f, 0)).build();
        }, run -> {
            run.add(0, 17, 1).awaitStep();
            run.add(0, 1, 1).awaitStep();
            run.add(0, 3, 1).add(1, 5, 1).awaitStep();
            run.add(1, 9, 1).add(0, 1, 1).awaitStep();
        });
    }

    /** The rows whose logits are asked for, as the last projection of a model has them. */
    private static void selected(CaseList list, DType format, boolean norm) {
        list.add("kernels/project/" + Sizes.nameOf(format) + "/selected" + (norm ? "_norm" : ""), format, 0, 0, CaseList.limits(40), 1, name -> {
            var g = new GraphBuilder("selected");
            Value x = g.selectRows("last", g.input("x", tokens(96)));
            Value read = norm ? g.rmsNorm("normed", x, weight(name + "/norm", DType.F32, 96), 1e-5f) : x;
            return g.output(g.matMul("out", read, weight(name, format, 131, 96), null)).build();
        }, run -> {
            run.add(0, 9, 2).add(1, 3, 1).awaitStep();
            run.add(0, 2, 0).awaitStep();
            run.add(0, 1, 1).awaitStep();
            run.add(0, 15, 13).add(1, 4, 2).awaitStep();
        });
    }
}
