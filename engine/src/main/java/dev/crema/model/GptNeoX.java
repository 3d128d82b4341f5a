package dev.crema.model;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * GPT-NeoX (arXiv 2204.06745) and Pythia (2304.01373): attention and feed-forward side by side, each after a layer norm of its own, a quarter of each
 * head rotated, q, k and v of a head next to each other in one tensor.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, vocab_size, layer_norm_eps, hidden_act, rotary_pct,
 * rotary_emb_base, use_parallel_residual, tie_word_embeddings}; ours: {@code qkv_by_head} false where a converter has put all of q first.
 *
 * <p>Tensors: {@code gpt_neox.embed_in, gpt_neox.final_layer_norm, embed_out}; in each {@code gpt_neox.layers.N}: {@code input_layernorm,
 * attention.{query_key_value, dense}, post_attention_layernorm, mlp.{dense_h_to_4h, dense_4h_to_h}}.
 */
final class GptNeoX implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("gpt_neox");
    }

    @Override
    public Graph forward(Config given, Weights weights) {
        Config config = given.alias("rotary_pct", "partial_rotary_factor").alias("rotary_emb_base", "rope_theta");
        Heads heads = Heads.of(config);
        int hidden = heads.hidden();
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        // GPTNeoXConfig's defaults.
        RopeTable rope = RopeScaling.table(config, heads.dim(), 0.25);
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_eps", 1e-5));
        boolean parallel = config.bool("use_parallel_residual", true);
        boolean byHead = config.bool("qkv_by_head", true);
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "gpt_neox.embed_in", "embed_out", hidden, false);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = weights.in("gpt_neox.layers." + layer);
            Weights qkv = at.in("attention.query_key_value");
            var attention = SelfAttention.plain(heads, byHead ? heads.fusedByHead(qkv) : heads.fused(qkv),
                Linears.of(at.in("attention.dense"), heads.queries(), hidden), rope, 0);
            var mlp = FeedForward.plain(FeedForward.activation(config, "hidden_act", "gelu"), at.in("mlp"), "dense_h_to_4h", "dense_4h_to_h", hidden,
                config.size("intermediate_size"));
            Value normed = norms.of(at.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
            Value attended = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
            normed = norms.of(at.in("post_attention_layernorm"), hidden).of(g, name + "ffn_norm", parallel ? x : attended); // [tokens, hidden]
            x = g.add(name + "out", attended, mlp.apply(g, name, normed)); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(weights.in("gpt_neox.final_layer_norm"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }
}
