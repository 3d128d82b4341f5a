package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * Falcon (arXiv 2311.16867): attention and feed-forward side by side, few kv heads, all of q, k and v in one tensor. The 7B has one norm a layer for
 * both; the 40B ({@code new_decoder_architecture}) one each.
 *
 * <p>Config: {@code hidden_size, num_hidden_layers, num_attention_heads, num_kv_heads, multi_query, new_decoder_architecture, parallel_attn,
 * ffn_hidden_size, vocab_size, layer_norm_epsilon, activation, alibi} (must be false); ours: {@code qkv_by_head} false where a converter has put
 * all of q first.
 *
 * <p>Tensors: {@code transformer.word_embeddings, transformer.ln_f, lm_head}; in each {@code transformer.h.N}: {@code input_layernorm} or {@code
 * ln_attn, ln_mlp}, {@code self_attention.{query_key_value, dense}, mlp.{dense_h_to_4h, dense_4h_to_h}}.
 */
final class Falcon implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("falcon");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        if (config.bool("alibi", false) || !config.bool("parallel_attn", true)) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's config has alibi or no parallel_attn, as Falcon RW does.",
                "Crema knows Falcon 7B, 40B and 180B and what is built like them.");
        }
        int hidden = config.size("hidden_size");
        int count = config.size("num_attention_heads");
        boolean grouped = config.bool("new_decoder_architecture", false);
        Heads heads = Heads.of(config, hidden, count, grouped ? config.size("num_kv_heads") : config.bool("multi_query", true) ? 1 : count);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        // FalconConfig's defaults.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_epsilon", 1e-5));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "transformer.word_embeddings", "lm_head", hidden, true);

        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            x = layer(g, x, layer, config, heads, norms, rope, weights.in("transformer.h." + layer));
        }
        x = Decoder.last(g, x, norms.of(weights.in("transformer.ln_f"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        boolean two = weights.has("ln_attn.weight");
        Weights qkv = weights.in("self_attention.query_key_value");
        var attention = SelfAttention.plain(heads, config.bool("qkv_by_head", true) ? heads.fusedByHead(qkv) : heads.fused(qkv),
            Linears.of(weights.in("self_attention.dense"), heads.queries(), hidden), rope, 0);
        var mlp = FeedForward.plain(FeedForward.activation(config, "activation", "gelu"), weights.in("mlp"), "dense_h_to_4h", "dense_4h_to_h", hidden,
            config.size("ffn_hidden_size", Math.multiplyExact(4, hidden)));
        Value normed = norms.of(weights.in(two ? "ln_attn" : "input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
        Value before = two ? norms.of(weights.in("ln_mlp"), hidden).of(g, name + "ffn_norm", x) : normed; // [tokens, hidden]
        Value attended = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed)); // [tokens, hidden]
        return g.add(name + "out", attended, mlp.apply(g, name, before)); // [tokens, hidden]
    }
}
