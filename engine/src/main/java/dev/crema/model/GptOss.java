package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Routing;
import dev.crema.graph.Value;

import java.util.List;

/**
 * gpt-oss (OpenAI, 2025, arXiv 2508.10925): a mixture of experts in each layer, with biases on the router, the experts and all of attention, a sink
 * logit a head, windows in every other layer, YaRN, and gates that are bounded ({@link Activation#LIMITED_QUICK_GELU}).
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, vocab_size,
 * rms_norm_eps, num_local_experts, num_experts_per_tok, sliding_window, layer_types}, and what {@link RopeScaling} reads.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm, lm_head}; in each {@code model.layers.N}: {@code input_layernorm, self_attn.{q_proj, k_proj,
 * v_proj, o_proj, sinks}, post_attention_layernorm, mlp.router}; the experts as GGUF has them, {@code mlp.experts.{gate_proj, up_proj,
 * down_proj}} with weight and bias, which {@code dev.crema.checkpoint} makes of the published {@code gate_up_proj} and {@code down_proj}.
 */
final class GptOss implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("gpt_oss");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        Heads heads = Heads.of(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        // GptOssConfig's defaults.
        var norms = new Norms(Norms.Kind.RMS, (float) config.number("rms_norm_eps", 1e-5));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", heads.hidden(), false);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            x = layer(g, x, layer, config, heads, norms, rope, weights.in("model.layers." + layer));
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), heads.hidden())); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        Weights self = weights.in("self_attn");
        int window = SlidingWindow.slides(config, layer, layer % 2 == 0) ? config.size("sliding_window", 128) : 0;
        var attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden), rope, window)
            .withSinks(self.get(self.has("sinks") ? "sinks" : "sinks.weight", heads.heads()));
        Value normed = norms.of(weights.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
        x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
        normed = norms.of(weights.in("post_attention_layernorm"), hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
        return g.add(name + "out", x, experts(g, name + "moe_", normed, config, weights.in("mlp"))); // [tokens, hidden]
    }

    /** x, out [tokens, hidden]. */
    private static Value experts(GraphBuilder g, String at, Value x, Config config, Weights mlp) {
        int hidden = x.channels();
        int count = config.size("num_local_experts");
        int size = config.size("intermediate_size");
        Weights experts = mlp.in("experts");
        Value scores = g.matMul(at + "router", x, mlp.get("router.weight", count, hidden), mlp.get("router.bias", count)); // [tokens, experts]
        Value routes = g.route(at + "routes", scores, null, Routing.softmax(config.size("num_experts_per_tok"), true)); // [tokens, 2*topK]
        Value gates = g.expertMatMul(at + "gate", x, routes, experts.get("gate_proj.weight", count, size, hidden),
            experts.get("gate_proj.bias", count, size)); // [tokens, topK*size]
        Value ups = g.expertMatMul(at + "up", x, routes, experts.get("up_proj.weight", count, size, hidden),
            experts.get("up_proj.bias", count, size)); // [tokens, topK*size]
        ups = g.activate(at + "up_bounded", ups, Activation.LIMITED_PLUS_ONE);
        Value gated = g.gated(at + "gated", gates, ups, Activation.LIMITED_QUICK_GELU); // [tokens, topK*size]
        Value downs = g.expertMatMul(at + "down", gated, routes, experts.get("down_proj.weight", count, hidden, size),
            experts.get("down_proj.bias", count, hidden)); // [tokens, topK*hidden]
        return g.expertSum(at + "sum", downs, routes); // [tokens, hidden]
    }
}
