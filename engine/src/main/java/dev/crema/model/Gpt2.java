package dev.crema.model;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

import java.util.List;

/**
 * GPT-2 (Radford et al., 2019): learned positions, layer norms, biases everywhere, q, k and v in one layer, a feed-forward of two. Hugging Face keeps
 * its layers' weights as [in, out].
 *
 * <p>Config: {@code n_embd, n_layer, n_head, n_inner, n_positions, vocab_size, layer_norm_epsilon, activation_function}; ours: {@code
 * transposed_layers} false where a converter has turned the weights.
 *
 * <p>Tensors: {@code wte, wpe, ln_f}; in each {@code h.N}: {@code ln_1, attn.{c_attn, c_proj}, ln_2, mlp.{c_fc, c_proj}}; fine-tuned models have
 * them below {@code transformer}.
 */
final class Gpt2 implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("gpt2");
    }

    @Override
    public Graph forward(Config given, Weights all) {
        Config config = given.alias("n_embd", "hidden_size").alias("n_layer", "num_hidden_layers").alias("n_head", "num_attention_heads")
            .alias("n_inner", "intermediate_size").alias("n_positions", "max_position_embeddings");
        Weights weights = all.has("transformer.wte.weight") ? all.in("transformer") : all;
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        // GPT2Config's defaults.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_epsilon", 1e-5));
        Weight positions = weights.get("wpe.weight", config.size("max_position_embeddings", 1024), hidden);
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "wte", "lm_head", hidden, !all.has("lm_head.weight"));

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        x = g.add("embedded", x, g.embed("embed_positions", positions, new Op.Index(Op.Index.Kind.POSITION, 0))); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            x = layer(g, x, layer, config, heads, norms, weights.in("h." + layer));
        }
        x = Decoder.last(g, x, norms.of(weights.in("ln_f"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        int wide = config.size("intermediate_size", Math.multiplyExact(4, hidden));
        boolean turned = config.bool("transposed_layers", true);
        Weights self = weights.in("attn");
        Weights mlp = weights.in("mlp");
        var attention = SelfAttention.plain(heads, heads.fused(turned ? self.in("c_attn").turned(3 * hidden, hidden) : self.in("c_attn")),
            linear(self.in("c_proj"), hidden, hidden, turned), null, 0);
        var feedForward = new FeedForward(FeedForward.activation(config, "activation_function", "gelu_new"), null,
            linear(mlp.in("c_fc"), hidden, wide, turned), linear(mlp.in("c_proj"), wide, hidden, turned));
        Value normed = norms.of(weights.in("ln_1"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
        x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
        normed = norms.of(weights.in("ln_2"), hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
        return g.add(name + "out", x, feedForward.apply(g, name, normed)); // [tokens, hidden]
    }

    private static Op.Linear linear(Weights weights, int in, int out, boolean turned) {
        return Linears.of(turned ? weights.turned(out, in) : weights, in, out);
    }
}
