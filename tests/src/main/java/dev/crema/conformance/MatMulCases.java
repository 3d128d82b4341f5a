package dev.crema.conformance;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;

import static dev.crema.conformance.CaseList.outputs;
import static dev.crema.conformance.CaseList.tokens;
import static dev.crema.conformance.CaseList.weight;

/** Mat-muls: each format times input lengths, output lengths and numbers of rows, one swept at a time. */
final class MatMulCases {
    private MatMulCases() { }

    static void addTo(CaseList list) {
        for (DType format : Sizes.FORMATS) {
            for (int in : Sizes.rowsOf(format)) {
                matMul(list, format, 1, in, 33, null);
            }
            for (int in : format.blockSize() == 1 ? new int[] {33, 257, 1000} : new int[] {32, 288, 992}) {
                matMul(list, format, 5, in, 33, null);
            }
            for (int out : Sizes.ALL) {
                if (out != 33) {
                    matMul(list, format, 1, 64, out, null);
                }
            }
            for (int rows : new int[] {2, 3, 4, 7, 8, 16, 31, 33, 64, 65, 257}) {
                matMul(list, format, rows, 96, 65, null);
            }
            matMul(list, format, 6, 1024, 256, null);
            matMul(list, format, 32, 256, 1024, null);
        }
        for (DType bias : Sizes.VECTOR_FORMATS) {
            matMul(list, DType.F16, 1, 64, 65, bias);
            matMul(list, DType.Q8_0, 9, 64, 257, bias);
            matMul(list, DType.F32, 65, 33, 31, bias);
        }
        ofOutputs(list);
    }

    static void matMul(CaseList list, DType format, int rows, int in, int out, DType bias) {
        matMul(list, "kernels/matMul/", format, rows, in, out, bias);
    }

    static void matMul(CaseList list, String group, DType format, int rows, int in, int out, DType bias) {
        String shape = "/rows" + rows + "_in" + in + "_out" + out + (bias == null ? "" : "_bias_" + Sizes.nameOf(bias));
        list.rows(group + Sizes.nameOf(format) + shape, format, rows, 2.0 * rows * in * out,
            format.bytes((long) in * out) + 4.0 * rows * (in + out), name -> {
                var g = new GraphBuilder("matMul");
                Weight b = bias == null ? null : weight(name + "/bias", bias, out);
                return g.output(g.matMul("out", g.input("x", tokens(in)), weight(name, format, out, in), b)).build();
            });
    }

    /** As for logits: few rows of many, and none at all. */
    private static void ofOutputs(CaseList list) {
        for (DType format : Sizes.FORMATS) {
            list.add("kernels/matMul/" + Sizes.nameOf(format) + "/outputs_in64_out1000", format, 2.0 * 3 * 64 * 1000, format.bytes(64000),
                CaseList.limits(20), 1, name -> {
                    var g = new GraphBuilder("matMul");
                    return g.output(g.matMul("out", g.input("x", outputs(64)), weight(name, format, 1000, 64), null)).build();
                }, run -> {
                    run.add(0, 9, 2).add(1, 3, 1).awaitStep();
                    run.add(0, 2, 0).awaitStep();
                });
        }
    }
}
