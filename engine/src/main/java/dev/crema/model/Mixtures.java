package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;

/**
 * The mixtures of experts that take a feed-forward's place in models built like Llama. Mixtral (arXiv 2401.04088): {@code block_sparse_moe.{gate,
 * experts.*.{w1, w3, w2}}}, of {@code num_local_experts} the best {@code num_experts_per_tok}, their weights normalised. Qwen's MoE:
 * {@code mlp.{gate, experts.*.{gate_proj, up_proj, down_proj}}}, of {@code num_experts}, with {@code moe_intermediate_size} and
 * {@code norm_topk_prob}; OLMoE's have the feed-forward's size; Qwen 2's also has {@code mlp.{shared_expert, shared_expert_gate}}, for every token.
 * Granite's have {@code block_sparse_moe.{router.layer, input_linear, output_linear}}, stacks of all experts; GGUF has them as it has Mixtral's.
 */
final class Mixtures {
    /** Of Granite's mixtures. */
    private static final String ROUTER = "block_sparse_moe.router.layer.weight";

    private Mixtures() { }

    /** Whether the layer has a router. */
    static boolean isAt(Weights layer) {
        return layer.has("block_sparse_moe.gate.weight") || layer.has("mlp.gate.weight") || layer.has(ROUTER);
    }

    /** x, out [tokens, hidden]. */
    static Value apply(GraphBuilder g, String at, Value x, Config config, Activation activation, Weights layer) {
        int hidden = x.channels();
        if (layer.has(ROUTER)) {
            return granite(g, at, x, config, activation, layer.in("block_sparse_moe"));
        }
        boolean mixtral = layer.has("block_sparse_moe.gate.weight");
        Weights moe = layer.in(mixtral ? "block_sparse_moe" : "mlp");
        int count = config.size(mixtral ? "num_local_experts" : "num_experts");
        int size = mixtral ? config.size("intermediate_size") : config.size(config.has("moe_intermediate_size") ? "moe_intermediate_size" : "intermediate_size");
        boolean normalises = mixtral || config.bool("norm_topk_prob", false);
        String[] names = mixtral ? new String[] {"w1", "w3", "w2"} : new String[] {"gate_proj", "up_proj", "down_proj"};
        var experts = new Experts(Experts.Projection.of(moe.get("gate.weight", count, hidden)), null,
            Experts.Projection.of(moe.stacked("experts.*." + names[0] + ".weight", count, size, hidden)),
            Experts.Projection.of(moe.stacked("experts.*." + names[1] + ".weight", count, size, hidden)),
            Experts.Projection.of(moe.stacked("experts.*." + names[2] + ".weight", count, hidden, size)),
            Routing.softmax(config.size("num_experts_per_tok"), normalises), activation);
        Value out = experts.feedForward(g, at + "moe_", x);
        return moe.has("shared_expert_gate.weight") ? g.add(at + "moe_out", out, shared(g, at + "shared_", x, config, activation, moe)) : out;
    }

    /** Gates and ups of an expert stand in one matrix, the gate's rows first. */
    private static Value granite(GraphBuilder g, String at, Value x, Config config, Activation activation, Weights moe) {
        int hidden = x.channels();
        int count = config.size("num_local_experts");
        int size = config.size("intermediate_size");
        int both = Math.multiplyExact(2, size);
        var experts = new Experts(Experts.Projection.of(moe.get("router.layer.weight", count, hidden)), null,
            Experts.Projection.of(moe.heads("input_linear.weight", "gate", count, both, 0, size, hidden)),
            Experts.Projection.of(moe.heads("input_linear.weight", "up", count, both, size, size, hidden)),
            Experts.Projection.of(moe.get("output_linear.weight", count, hidden, size)), Routing.softmax(config.size("num_experts_per_tok"), true), activation);
        return experts.feedForward(g, at + "moe_", x);
    }

    /** One more expert for every token, weighted by a sigmoid: a choice of one of one. */
    private static Value shared(GraphBuilder g, String at, Value x, Config config, Activation activation, Weights moe) {
        int size = config.size("shared_expert_intermediate_size");
        Value made = FeedForward.gated(activation, moe.in("shared_expert"), x.channels(), size).apply(g, at, x); // [tokens, hidden]
        Value score = g.matMul(at + "gate", x, moe.row("shared_expert_gate.weight", x.channels()), null); // [tokens, 1]
        Value route = g.route(at + "route", score, null, new Routing(1, Scoring.SIGMOID, false, 1, 1, 1, 1)); // [tokens, 2]
        return g.expertSum(at + "sum", made, route); // [tokens, hidden]
    }
}
