package dev.crema.conformance;

import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.graph.Graph;
import dev.crema.graph.Weight;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/** Collects cases; the methods are the vocabulary in which the lists of ops are written. */
final class CaseList {
    /** Builds the graph of one case; weights carry the case's name, because a device keeps them by name. */
    interface GraphMaker {
        Graph make(String name);
    }

    final List<Case> cases = new ArrayList<>();

    /** A case whose script is one step: {@code rows} tokens, an output for each. */
    void rows(String name, DType format, int rows, double flops, double bytes, GraphMaker graph) {
        add(name, format, flops, bytes, limits(rows), 1, graph, run -> run.add(0, rows, rows).awaitStep());
    }

    void add(String name, DType format, double flops, double bytes, Limits limits, float inputScale, GraphMaker graph, Setup.Script script) {
        // A cache in blocks makes as much of a rounding as activations in blocks.
        add(name, format, Tolerance.of(limits.kvType() == DType.F32 ? format : limits.kvType()), flops, bytes, limits, inputScale, graph, script);
    }

    /** A whole model. */
    void model(String name, DType format, Limits limits, GraphMaker graph, Setup.Script script) {
        model(name, format, Tolerance.ofModel(format), limits, graph, script);
    }

    void model(String name, DType format, Tolerance tolerance, Limits limits, GraphMaker graph, Setup.Script script) {
        add(name, format, tolerance, 0, 0, limits, 1, graph, script);
    }

    void add(String name, DType format, Tolerance tolerance, double flops, double bytes, Limits limits, float inputScale, GraphMaker graph,
            Setup.Script script) {
        cases.add(new OpCase(name, format, limits.kvType(), tolerance, flops, bytes,
            (caseName, seed) -> new Setup(graph.make(caseName), limits, seed, inputScale, script)));
    }

    /** Room for a few rows more than are used, so that writes beyond them show. */
    static Limits limits(int rows) {
        int context = rows + 5;
        return new Limits(rows + 3, rows + 3, 4, context, 4 * ((context + KvPool.PAGE_TOKENS) / KvPool.PAGE_TOKENS));
    }

    static Weight weight(String name, DType format, int... shape) {
        return new Weight(name, format, Shape.of(shape));
    }

    static Shape tokens(int channels) {
        return Shape.of(Shape.TOKENS, channels);
    }

    static Shape outputs(int channels) {
        return Shape.of(Shape.OUTPUTS, channels);
    }
}
