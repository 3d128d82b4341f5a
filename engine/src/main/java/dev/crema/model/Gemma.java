package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * Gemma (arXiv 2403.08295), Gemma 2 (2408.00118) and the text part of Gemma 3 (2503.19786). Unlike Llama: embeddings times sqrt(hidden), norm weights
 * kept as their difference to one, GELU in the feed-forward. Gemma 2 adds norms after attention and feed-forward, soft caps on scores
 * and logits, and windows in every other layer; Gemma 3 has norms on q and k in the caps' place, windows in five layers of six, and
 * another rotation in those.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, vocab_size,
 * rms_norm_eps, hidden_activation, query_pre_attn_scalar, attn_logit_softcapping, final_logit_softcapping, sliding_window, layer_types,
 * sliding_window_pattern, rope_local_base_freq}; ours: {@code norm_weights_whole} where a converter has added the one already.
 *
 * <p>Tensors: Llama's, and in each layer from Gemma 2 on {@code pre_feedforward_layernorm, post_feedforward_layernorm}; {@code
 * post_attention_layernorm} stands before the feed-forward in Gemma 1 and after attention from Gemma 2 on. Gemma 3's with an eye for images
 * have all that below {@code language_model}, and the config in {@code text_config}.
 */
final class Gemma implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("gemma", "gemma2", "gemma3_text", "gemma3");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        return config.has("text_config") ? forwardText(config.section("text_config"), weights.in("language_model")) : forwardText(config, weights);
    }

    private static Graph forwardText(Config config, Weights weights) {
        Heads heads = heads(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        RopeTable local = config.has("rope_local_base_freq") ? RopeScaling.plain(config, heads.dim(), config.number("rope_local_base_freq")) : rope;
        var norms = new Norms(config.bool("norm_weights_whole", false) ? Norms.Kind.RMS : Norms.Kind.RMS_PLUS_ONE,
            (float) config.number("rms_norm_eps", 1e-6)); // GemmaConfig
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", heads.hidden(), true);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        x = g.scale("embed_scaled", x, Math.sqrt(heads.hidden()));
        for (int layer = 0; layer < layers; layer++) {
            int window = window(config, layer);
            x = layer(g, x, layer, config, heads, norms, window > 0 ? local : rope, window, weights.in("model.layers." + layer));
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), heads.hidden())); // [outputs, hidden]
        Value logits = Linears.apply(g, "logits_uncapped", x, ends.head()); // [outputs, vocab]
        return g.buildWithSampling(g.softcap("logits", logits, config.number("final_logit_softcapping", 0)));
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, int window, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        boolean postNorms = weights.has("pre_feedforward_layernorm.weight");
        Weights self = weights.in("self_attn");
        SelfAttention attention = SelfAttention.plain(heads, heads.separate(self), Linears.of(self.in("o_proj"), heads.queries(), hidden), rope, window)
            .withNorms(norms.optional(self.in("q_norm"), heads.dim()), norms.optional(self.in("k_norm"), heads.dim()))
            .withScale(1 / Math.sqrt(config.number("query_pre_attn_scalar", heads.dim())), config.number("attn_logit_softcapping", 0));
        Value normed = norms.of(weights.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
        Value attended = attention.apply(g, name, layer, normed); // [tokens, hidden]
        if (postNorms) {
            attended = norms.of(weights.in("post_attention_layernorm"), hidden).of(g, name + "attn_post_norm", attended);
        }
        x = g.add(name + "attn_residual", x, attended); // [tokens, hidden]

        Weights before = weights.in(postNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm");
        normed = norms.of(before, hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
        Value fed = FeedForward.gated(activation(config), weights.in("mlp"), hidden, config.size("intermediate_size")).apply(g, name, normed);
        if (postNorms) {
            fed = norms.of(weights.in("post_feedforward_layernorm"), hidden).of(g, name + "ffn_post_norm", fed);
        }
        return g.add(name + "out", x, fed); // [tokens, hidden]
    }

    /** Gemma 1's config says {@code hidden_act: gelu} and means the approximation, as transformers takes it. */
    private static Activation activation(Config config) {
        Activation activation = FeedForward.activation(config, "hidden_activation", "gelu_pytorch_tanh");
        return activation == Activation.GELU ? Activation.GELU_TANH : activation;
    }

    /** The defaults are those of Gemma3TextConfig: configs of Gemma 3 leave out what agrees with them. */
    private static Heads heads(Config config) {
        int heads = config.size("num_attention_heads", 8);
        int hidden = config.size("hidden_size");
        return new Heads(hidden, heads, config.size("num_key_value_heads", Math.min(heads, 4)), config.size("head_dim", 256)).checked();
    }

    /** Tokens that a token of the layer sees, 0 for all: by {@code layer_types}, or all but every {@code sliding_window_pattern}-th layer. */
    private static int window(Config config, int layer) {
        String type = config.string("model_type", "");
        if (type.equals("gemma") || !config.has("sliding_window")) {
            return 0;
        }
        int pattern = config.size("sliding_window_pattern", type.equals("gemma2") ? 2 : 6);
        return SlidingWindow.slides(config, layer, (layer + 1) % pattern != 0) ? config.size("sliding_window") : 0;
    }
}
