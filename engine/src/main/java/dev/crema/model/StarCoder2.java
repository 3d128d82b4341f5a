package dev.crema.model;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * StarCoder 2 (arXiv 2402.19173): layer norms, biases everywhere, a feed-forward of two layers, and a sliding window.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, vocab_size, norm_epsilon,
 * hidden_act, sliding_window, tie_word_embeddings}, and what {@link RopeScaling} reads.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm}; in each {@code model.layers.N}: {@code input_layernorm, self_attn.{q_proj, k_proj,
 * v_proj, o_proj}, post_attention_layernorm, mlp.{c_fc, c_proj}}.
 */
final class StarCoder2 implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("starcoder2");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        // Starcoder2Config's defaults.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("norm_epsilon", 1e-5));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", hidden, true);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = weights.in("model.layers." + layer);
            Weights self = at.in("self_attn");
            var attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden), rope,
                SlidingWindow.tokens(config, layer));
            var mlp = FeedForward.plain(FeedForward.activation(config, "hidden_act", "gelu_pytorch_tanh"), at.in("mlp"), "c_fc", "c_proj", hidden,
                config.size("intermediate_size"));
            Value normed = norms.of(at.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
            x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
            normed = norms.of(at.in("post_attention_layernorm"), hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
            x = g.add(name + "out", x, mlp.apply(g, name, normed)); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }
}
