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
 * OLMo (arXiv 2402.00838) and OLMo 2 (2501.00656). The first has layer norms without any weight, before attention and feed-forward; the second has RMS
 * norms after both instead, and norms over all of q and all of k.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, vocab_size, rms_norm_eps,
 * hidden_act, tie_word_embeddings, clip_qkv} (must be null), and what {@link RopeScaling} reads.
 *
 * <p>Tensors: Llama's but for the norms: OLMo has none, OLMo 2 {@code model.norm} and in each layer {@code self_attn.{q_norm, k_norm},
 * post_attention_layernorm, post_feedforward_layernorm}.
 */
final class Olmo implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("olmo", "olmo2");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        if (config.has("clip_qkv")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has clip_qkv " + config.number("clip_qkv")
                + ", and Crema does not clip q, k and v.", "A clip would be one more op in dev.crema.model.Olmo.");
        }
        Heads heads = Heads.of(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        boolean second = config.string("model_type", "").equals("olmo2");
        // OlmoLayerNorm's eps is fixed.
        var norms = second ? new Norms(Norms.Kind.RMS, (float) config.number("rms_norm_eps")) : new Norms(Norms.Kind.PLAIN, 1e-5f);
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", heads.hidden(), false);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            x = layer(g, x, layer, config, heads, norms, rope, second, weights.in("model.layers." + layer));
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), heads.hidden())); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]; the second OLMo's norms come {@code after}. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, boolean after, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        Weights self = weights.in("self_attn");
        SelfAttention attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden), rope, 0)
            .withNorms(norms.optional(self.in("q_norm"), heads.queries()), norms.optional(self.in("k_norm"), heads.keys()));
        Activation activation = FeedForward.activation(config, "hidden_act", "silu");
        FeedForward mlp = FeedForward.gated(activation, weights.in("mlp"), hidden, config.size("intermediate_size"));
        Norms.Norm none = (graph, at, value) -> value;
        Norms.Norm post = after ? norms.of(weights.in("post_attention_layernorm"), hidden) : none;
        Norms.Norm last = after ? norms.of(weights.in("post_feedforward_layernorm"), hidden) : none;
        Norms.Norm first = after ? none : norms.of(weights, hidden);

        Value attended = attention.apply(g, name, layer, first.of(g, name + "attn_norm", x)); // [tokens, hidden]
        x = g.add(name + "attn_residual", x, post.of(g, name + "attn_post_norm", attended)); // [tokens, hidden]
        Value fed = mlp.apply(g, name, first.of(g, name + "ffn_norm", x)); // [tokens, hidden]
        return g.add(name + "out", x, last.of(g, name + "ffn_post_norm", fed)); // [tokens, hidden]
    }
}
