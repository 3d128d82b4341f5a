package dev.crema.model;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * Phi-1, Phi-1.5 (arXiv 2309.05463) and Phi-2: attention and feed-forward side by side after one layer norm, a part of each head rotated, biases
 * everywhere, also on the head.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, vocab_size, layer_norm_eps,
 * hidden_act, partial_rotary_factor}, and what else {@link RopeScaling} reads.
 *
 * <p>Tensors: {@code model.embed_tokens, model.final_layernorm, lm_head}; in each {@code model.layers.N}: {@code input_layernorm,
 * self_attn.{q_proj, k_proj, v_proj, dense}, mlp.{fc1, fc2}}. GGUF has {@code self_attn.qkv_proj}.
 */
final class Phi implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("phi");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        // PhiConfig's defaults.
        RopeTable rope = RopeScaling.table(config, heads.dim(), 0.5);
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_eps", 1e-5));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", hidden, false);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = weights.in("model.layers." + layer);
            Weights self = at.in("self_attn");
            Heads.Qkv qkv = self.has("qkv_proj.weight") ? heads.fused(self.in("qkv_proj")) : heads.separate(self);
            var attention = SelfAttention.plain(heads, qkv, Linears.of(self.in("dense"), heads.queries(), hidden), rope, 0);
            var mlp = FeedForward.plain(FeedForward.activation(config, "hidden_act", "gelu_new"), at.in("mlp"), "fc1", "fc2", hidden,
                config.size("intermediate_size"));
            Value normed = norms.of(at.in("input_layernorm"), hidden).of(g, name + "norm", x); // [tokens, hidden]
            Value attended = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
            x = g.add(name + "out", attended, mlp.apply(g, name, normed)); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.final_layernorm"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }
}
