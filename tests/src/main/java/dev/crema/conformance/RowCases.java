package dev.crema.conformance;

import dev.crema.device.Limits;
import dev.crema.graph.Activation;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.outputs;
import static dev.crema.conformance.CaseList.tokens;
import static dev.crema.conformance.CaseList.weight;

/** Cases of the ops that treat each row alone, but for mat-mul. */
final class RowCases {
    private RowCases() { }

    static void addTo(CaseList list) {
        embed(list);
        rmsNorm(list);
        layerNorm(list);
        activations(list);
        rope(list);
        pointwise(list);
        selectRows(list);
        joins(list);
    }

    private static void embed(CaseList list) {
        for (DType format : Sizes.FORMATS) {
            for (int hidden : Sizes.rowsOf(format)) {
                embed(list, format, 5, 77, hidden);
            }
        }
        embed(list, DType.F32, 1, 1, 64);
        embed(list, DType.F16, 65, 1000, 33);
        for (var kind : new Op.Index.Kind[] {Op.Index.Kind.POSITION, Op.Index.Kind.FIXED}) {
            for (DType format : new DType[] {DType.F32, DType.F16, DType.Q8_0}) {
                embedAt(list, new Op.Index(kind, 0), format);
                embedAt(list, new Op.Index(kind, 2), format);
            }
        }
    }

    /** Two sequences that are not at the same position. */
    private static void embedAt(CaseList list, Op.Index index, DType format) {
        list.add("kernels/embed/" + (index.kind() + "").toLowerCase() + index.offset() + "/" + Sizes.nameOf(format), format, 0, 8.0 * 24 * 64,
            new Limits(20, 4, 4, 30, 8), 1, name -> {
                var g = new GraphBuilder("embed");
                return g.output(g.embed("out", weight(name, format, 33, 64), index)).build();
            }, run -> {
                run.add(0, 9, 0).add(1, 4, 0).awaitStep();
                run.add(1, 3, 0).add(0, 8, 0).awaitStep();
            });
    }

    static void embed(CaseList list, DType format, int rows, int vocab, int hidden) {
        list.add("kernels/embed/" + Sizes.nameOf(format) + "/rows" + rows + "_v" + vocab + "_c" + hidden, format, 0, 8.0 * rows * hidden,
            CaseList.limits(rows), 1, name -> {
                var g = new GraphBuilder("embed");
                return g.output(g.embed("out", weight(name, format, vocab, hidden))).build();
            }, run -> run.vocab(vocab).add(0, rows, 0).awaitStep());
    }

    private static void rmsNorm(CaseList list) {
        for (int channels : Sizes.ALL) {
            rmsNorm(list, DType.F32, 3, 1, channels);
        }
        for (DType format : Sizes.VECTOR_FORMATS) {
            rmsNorm(list, format, 2, 1, 257);
            rmsNorm(list, format, 1, 1, 256);
            rmsNorm(list, format, 65, 1, 96);
            rmsNorm(list, format, 3, 8, 64);
        }
        for (int head : new int[] {1, 31, 33, 128}) {
            rmsNorm(list, DType.F32, 3, 5, head);
        }
    }

    private static void rmsNorm(CaseList list, DType format, int rows, int groups, int channels) {
        String shape = "/rows" + rows + (groups == 1 ? "" : "_g" + groups) + "_c" + channels;
        list.rows("kernels/rmsNorm/" + Sizes.nameOf(format) + shape, format, rows, 4.0 * rows * groups * channels, 8.0 * rows * groups * channels,
            name -> {
                var g = new GraphBuilder("rmsNorm");
                return g.output(g.rmsNorm("out", g.input("x", tokens(groups * channels)), weight(name, format, channels), 1e-5f)).build();
            });
    }

    private static void layerNorm(CaseList list) {
        for (int channels : Sizes.ALL) {
            layerNorm(list, DType.F32, 3, channels, true, true);
        }
        for (DType format : Sizes.VECTOR_FORMATS) {
            layerNorm(list, format, 65, 96, true, true);
            layerNorm(list, format, 2, 257, true, false);
        }
        layerNorm(list, DType.F32, 5, 65, false, true);
        layerNorm(list, DType.F32, 5, 64, false, false);
    }

    private static void layerNorm(CaseList list, DType format, int rows, int channels, boolean scales, boolean shifts) {
        String shape = "/rows" + rows + "_c" + channels + (scales ? "" : "_plain") + (shifts ? "_bias" : "");
        list.rows("kernels/layerNorm/" + Sizes.nameOf(format) + shape, format, rows, 6.0 * rows * channels, 8.0 * rows * channels, name -> {
            var g = new GraphBuilder("layerNorm");
            return g.output(g.layerNorm("out", g.input("x", tokens(channels)), scales ? weight(name + "/weight", format, channels) : null,
                shifts ? weight(name + "/bias", format, channels) : null, 1e-5f)).build();
        });
    }

    /** Inputs of several sizes: within +-1, and to +-12, where functions are flat. */
    private static void activations(CaseList list) {
        for (Activation activation : Activation.values()) {
            String kind = (activation + "").toLowerCase();
            for (int channels : new int[] {1, 33, 257}) {
                list.rows("kernels/activate/" + kind + "/c" + channels, DType.F32, 3, 24.0 * channels, 24.0 * channels, name -> {
                    var g = new GraphBuilder("activate");
                    var x = g.input("x", tokens(channels));
                    g.output(g.activate("small", x, activation));
                    return g.output(g.activate("large", x, activation, 12, 0.25f)).build();
                });
                list.rows("kernels/gated/" + kind + "/wide_c" + channels, DType.F32, 3, 24.0 * channels, 36.0 * channels, name -> {
                    var g = new GraphBuilder("gated");
                    var gate = g.input("gate", tokens(channels));
                    var up = g.input("up", tokens(channels));
                    return g.output(g.gated("out", g.activate("wide", gate, Activation.IDENTITY, 8, 1), up, activation)).build();
                });
            }
        }
    }

    private static void rope(CaseList list) {
        for (boolean interleaved : new boolean[] {false, true}) {
            String style = interleaved ? "neighbours" : "halves";
            for (int headDim : new int[] {2, 8, 34, 64, 128, 256}) {
                rope(list, style + "/h3_d" + headDim, 3, headDim, table(interleaved, 1, headDim / 2), null);
            }
            rope(list, style + "/h1_d64", 1, 64, table(interleaved, 1, 32), null);
            rope(list, style + "/h33_d16", 33, 16, table(interleaved, 1, 8), null);
            rope(list, style + "/partial_h4_d64_r24", 4, 64, table(interleaved, 1, 12), null);
            rope(list, style + "/partial_h2_d33_r10", 2, 33, table(interleaved, 1, 5), null);
            rope(list, style + "/magnitude_h4_d32", 4, 32, table(interleaved, 1.25f, 16), null);
            for (DType format : Sizes.VECTOR_FORMATS) {
                rope(list, style + "/factors_" + Sizes.nameOf(format) + "_h4_d64", 4, 64, table(interleaved, 1, 32), format);
            }
        }
    }

    private static RopeTable table(boolean interleaved, float magnitude, int pairs) {
        float[] frequencies = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = (float) Math.pow(10000, -(double) i / pairs);
        }
        return new RopeTable("theta 10000", interleaved, magnitude, frequencies);
    }

    /** Two sequences at different positions, the second step further on, up to position 900. */
    private static void rope(CaseList list, String shape, int heads, int headDim, RopeTable table, DType factors) {
        var limits = new Limits(460, 4, 4, 1000, 200);
        double bytes = 8.0 * 914 * heads * headDim;
        list.add("kernels/rope/" + shape, factors == null ? DType.F32 : factors, bytes, bytes, limits, 1, name -> {
            var g = new GraphBuilder("rope");
            return g.output(g.rope("out", g.input("x", tokens(heads * headDim)), headDim, table,
                factors == null ? null : weight(name, factors, table.rotaryDim() / 2))).build();
        }, run -> {
            run.add(0, 450, 1).add(1, 3, 0).awaitStep();
            run.add(1, 1, 1).add(0, 450, 0).awaitStep();
            run.add(1, 1, 1).add(0, 1, 1).awaitStep();
        });
    }

    private static void pointwise(CaseList list) {
        for (int channels : Sizes.ALL) {
            pointwise(list, 3, channels);
        }
        pointwise(list, 1, 256);
        pointwise(list, 65, 33);
    }

    private static void pointwise(CaseList list, int rows, int channels) {
        String shape = "/rows" + rows + "_c" + channels;
        double elements = (double) rows * channels;
        list.rows("kernels/gated/silu" + shape, DType.F32, rows, 6 * elements, 12 * elements, name -> {
            var g = new GraphBuilder("gated");
            return g.output(g.gated("out", g.input("gate", tokens(channels)), g.input("up", tokens(channels)), Activation.SILU)).build();
        });
        list.rows("kernels/add" + shape, DType.F32, rows, elements, 12 * elements, name -> {
            var g = new GraphBuilder("add");
            return g.output(g.add("out", g.input("a", tokens(channels)), g.input("b", tokens(channels)))).build();
        });
        if (rows == 3) {
            list.rows("kernels/add/twice" + shape, DType.F32, rows, elements, 12 * elements, name -> {
                var g = new GraphBuilder("addTwice");
                var x = g.input("x", outputs(channels));
                return g.output(g.add("out", x, x)).build();
            });
        }
    }

    private static void joins(CaseList list) {
        for (int[] shape : new int[][] {{1, 512, 64}, {16, 1, 33}, {3, 31, 1}, {5, 65, 64}}) {
            String name = "kernels/join/h" + shape[0] + "_a" + shape[1] + "_b" + shape[2];
            list.rows(name, DType.F32, 5, 0, 40.0 * shape[0] * (shape[1] + shape[2]), at -> {
                var g = new GraphBuilder("join");
                return g.output(g.join("out", g.input("a", tokens(shape[0] * shape[1])), g.input("b", tokens(shape[0] * shape[2])), shape[0])).build();
            });
        }
    }

    private static void selectRows(CaseList list) {
        for (int channels : Sizes.ALL) {
            list.add("kernels/selectRows/c" + channels, DType.F32, 0, 8.0 * 12 * channels, new Limits(40, 20, 8, 100, 60), 1, name -> {
                var g = new GraphBuilder("selectRows");
                return g.output(g.selectRows("out", g.input("x", tokens(channels)))).build();
            }, run -> {
                run.add(0, 9, 1).add(1, 4, 4).add(2, 7, 0).add(3, 1, 1).awaitStep();
                run.add(2, 3, 2).add(0, 1, 0).awaitStep();
                run.add(1, 5, 0).awaitStep();
            });
        }
    }
}
