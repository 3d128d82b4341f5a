package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * StableLM 3B and StableLM 2 (arXiv 2402.17834): Llama with layer norms, a quarter of each head rotated, and biases on q, k and v where
 * their tensors are. {@code use_parallel_residual} puts attention and feed-forward side by side after one norm.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, vocab_size, layer_norm_eps,
 * hidden_act, partial_rotary_factor, use_parallel_residual, qk_layernorm} (must be false), {@code tie_word_embeddings}.
 *
 * <p>Tensors: Llama's, with biases on the norms.
 */
final class StableLm implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("stablelm");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        if (config.bool("qk_layernorm", false)) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has qk_layernorm, a layer norm with a weight of its own for each head.",
                "It would be an op in dev.crema.graph.Op; StableLM 2 1.6B and StableLM 3B do without.");
        }
        Heads heads = Heads.of(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        // StableLmConfig's defaults.
        RopeTable rope = RopeScaling.table(config, heads.dim(), 0.25);
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_eps", 1e-5));
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
        var attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden), rope, 0);
        Activation activation = FeedForward.activation(config, "hidden_act", "silu");
        FeedForward mlp = FeedForward.gated(activation, weights.in("mlp"), hidden, config.size("intermediate_size"));
        Value normed = norms.of(weights.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
        Value attended = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
        Value before = config.bool("use_parallel_residual", false) ? normed
            : norms.of(weights.in("post_attention_layernorm"), hidden).of(g, name + "ffn_norm", attended); // [tokens, hidden]
        return g.add(name + "out", attended, mlp.apply(g, name, before)); // [tokens, hidden]
    }
}
