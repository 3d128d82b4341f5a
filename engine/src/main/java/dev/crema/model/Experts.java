package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Routing;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

/**
 * The feed-forward block of a mixture of experts, written once for all families: the router's scores, the choice, a gated feed-forward of
 * each chosen expert, and their weighted sum. What is added for every token (DeepSeek's shared experts) is the family's own mat-muls.
 *
 * @param router        [experts, hidden] ({@code mlp.gate}, GGUF {@code ffn_gate_inp})
 * @param selectionBias [experts], or null
 * @param gate          [experts, intermediate, hidden] ({@code mlp.experts.*.gate_proj}, GGUF {@code ffn_gate_exps})
 * @param up            [experts, intermediate, hidden]
 * @param down          [experts, hidden, intermediate]
 */
public record Experts(Projection router, Weight selectionBias, Projection gate, Projection up, Projection down, Routing routing,
        Activation activation) {
    /** A weight and its bias, which may be null. Experts' are stacked, expert after expert. */
    public record Projection(Weight weight, Weight bias) {
        public static Projection of(Weight weight) {
            return new Projection(weight, null);
        }
    }

    /** x [rows, hidden] to [rows, hidden]; the values are called {@code at + "router"} and so on. */
    public Value feedForward(GraphBuilder g, String at, Value x) {
        Value scores = g.matMul(at + "router", x, router.weight, router.bias);        // [rows, experts]
        Value routes = g.route(at + "routes", scores, selectionBias, routing);        // [rows, 2*topK]
        Value gates = project(g, at + "gate", x, routes, gate);                       // [rows, topK*intermediate]
        Value ups = project(g, at + "up", x, routes, up);                             // [rows, topK*intermediate]
        Value gated = g.gated(at + "gated", gates, ups, activation);                  // [rows, topK*intermediate]
        Value downs = project(g, at + "down", gated, routes, down);                   // [rows, topK*hidden]
        return g.expertSum(at + "sum", downs, routes);                                // [rows, hidden]
    }

    private static Value project(GraphBuilder g, String name, Value x, Value routes, Projection experts) {
        return g.expertMatMul(name, x, routes, experts.weight, experts.bias);
    }
}
