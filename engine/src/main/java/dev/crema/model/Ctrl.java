package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;

import java.util.List;

/**
 * CTRL (arXiv 1909.05858) and what is trained from it, such as SweCTRL-Mini (2304.13994): a GPT of 2019 with sinusoidal positions, embeddings times
 * sqrt(hidden), ReLU in the feed-forward. Its control codes are tokens like others, the first of a prompt.
 *
 * <p>Config: {@code n_embd, n_layer, n_head, dff, n_positions, vocab_size, layer_norm_epsilon}.
 *
 * <p>Tensors: {@code transformer.w, transformer.layernorm, lm_head} (weight and bias); in each {@code transformer.h.N}: {@code layernorm1,
 * multi_head_attention.{Wq, Wk, Wv, dense}, layernorm2, ffn.0, ffn.2}. The positions are computed, not stored.
 */
final class Ctrl implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("ctrl");
    }

    @Override
    public Graph forward(Config given, Weights weights) {
        Config config = given.alias("n_embd", "hidden_size").alias("n_layer", "num_hidden_layers").alias("n_head", "num_attention_heads")
            .alias("n_positions", "max_position_embeddings");
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        // CTRLConfig's defaults.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_epsilon", 1e-6));
        int positions = config.size("max_position_embeddings", 256);
        Weights body = weights.in("transformer");
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "transformer.w", "lm_head", hidden, true);
        var head = new Op.Linear(ends.head().weight(), weights.optional("lm_head.bias", config.size("vocab_size")));

        Value x = g.scale("embed_scaled", g.embed("embed_tokens", ends.embedding()), Math.sqrt(hidden)); // [tokens, hidden]
        Value places = g.embed("embed_positions", body.made("positions", Sinusoids.bytes(positions, hidden), positions, hidden),
            new Op.Index(Op.Index.Kind.POSITION, 0)); // [tokens, hidden]
        x = g.add("embedded", x, places);
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = body.in("h." + layer);
            Weights self = at.in("multi_head_attention");
            var qkv = new Heads.Qkv(Linears.of(self.in("Wq"), hidden, hidden), Linears.of(self.in("Wk"), hidden, hidden),
                Linears.of(self.in("Wv"), hidden, hidden));
            var attention = SelfAttention.plain(heads, qkv, Linears.of(self.in("dense"), hidden, hidden), null, 0);
            var mlp = FeedForward.plain(Activation.RELU, at.in("ffn"), "0", "2", hidden, config.size("dff"));
            Value normed = norms.of(at.in("layernorm1"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
            x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
            normed = norms.of(at.in("layernorm2"), hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
            x = g.add(name + "out", x, mlp.apply(g, name, normed)); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(body.in("layernorm"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, head); // [outputs, vocab]
    }
}
