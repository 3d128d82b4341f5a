package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.json.Json;

import java.util.List;

/**
 * Command R and Aya (Cohere): attention and feed-forward side by side after one layer norm without bias, neighbours rotated, and logits times a
 * factor. Command R7B ({@code cohere2}) has windows in all layers but every fourth, which sees everything and does not rotate.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, vocab_size, layer_norm_eps, hidden_act,
 * logit_scale, use_qk_norm} (must be false), {@code sliding_window, sliding_window_pattern, layer_types, tie_word_embeddings}.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm}; in each {@code model.layers.N}: {@code input_layernorm, self_attn.{q_proj, k_proj, v_proj,
 * o_proj}, mlp.{gate_proj, up_proj, down_proj}}.
 */
final class Cohere implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("cohere", "cohere2");
    }

    @Override
    public Graph forward(Config given, Weights weights) {
        // The published weights have the pairs as neighbours.
        Config config = given.otherwise("rope_interleaved", Json.TRUE);
        if (config.bool("use_qk_norm", false) || weights.has("model.layers.0.self_attn.q_norm.weight")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has use_qk_norm, a layer norm with a weight of its own for each head.",
                "It would be an op in dev.crema.graph.Op; Command R (08-2024), Command R7B and Aya 8B do without.");
        }
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        // CohereConfig's defaults.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_eps", 1e-5));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", hidden, true);
        boolean windows = config.string("model_type", "").equals("cohere2");

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = weights.in("model.layers." + layer);
            Weights self = at.in("self_attn");
            boolean slides = windows && SlidingWindow.slides(config, layer, (layer + 1) % config.size("sliding_window_pattern", 4) != 0);
            var attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden),
                slides || !windows ? rope : null, slides ? config.size("sliding_window", 4096) : 0);
            FeedForward mlp = FeedForward.gated(FeedForward.activation(config, "hidden_act", "silu"), at.in("mlp"), hidden, config.size("intermediate_size"));
            Value normed = norms.of(at.in("input_layernorm"), hidden).of(g, name + "norm", x); // [tokens, hidden]
            Value attended = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
            x = g.add(name + "out", attended, mlp.apply(g, name, normed)); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), hidden)); // [outputs, hidden]
        x = g.scale("scaled", x, config.number("logit_scale", 0.0625)); // the head is linear
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }
}
