package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;

import java.util.List;

/**
 * Encoders built like BERT (arXiv 1810.04805): every token sees the whole text, layer norms come after attention and feed-forward. RoBERTa (1907.11692)
 * and XLM-R (1911.02116) count positions from {@code pad_token_id + 1}, DistilBERT (1910.01108; TAS-B is one) has no token types and names of its
 * own, nomic-bert (2402.01613) has rotary positions, one tensor for q, k and v, and a gate in the feed-forward. MiniLM, BGE, E5 and the like are
 * BERTs. The graph ends with the hidden states [tokens, hidden]; how they are pooled is not part of it.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, vocab_size, max_position_embeddings, type_vocab_size,
 * layer_norm_eps, hidden_act, pad_token_id}; DistilBERT's {@code dim, hidden_dim, n_layers, n_heads, activation}; nomic-bert's {@code n_embd,
 * n_inner, n_layer, n_head, n_positions, layer_norm_epsilon, rotary_emb_base, activation_function}; ours: {@code position_offset}.
 *
 * <p>Tensors: see {@link Names}; they may stand below {@code bert}, {@code roberta} or {@code distilbert}.
 */
final class Bert implements ModelFamily {
    /** What tensors are called: the layers, and in one of them q, k, v (or all three), the output, its norm, up, gate, down, the last norm. */
    private record Names(String layers, String q, String k, String v, String fused, String out, String outNorm, String up, String gate, String down,
            String norm) {
        static final Names BERT = new Names("encoder.layer", "attention.self.query", "attention.self.key", "attention.self.value", "",
            "attention.output.dense", "attention.output.LayerNorm", "intermediate.dense", "", "output.dense", "output.LayerNorm");
        static final Names DISTILBERT = new Names("transformer.layer", "attention.q_lin", "attention.k_lin", "attention.v_lin", "", "attention.out_lin",
            "sa_layer_norm", "ffn.lin1", "", "ffn.lin2", "output_layer_norm");
        static final Names NOMIC = new Names("encoder.layers", "", "", "", "attn.Wqkv", "attn.out_proj", "norm1", "mlp.fc11", "mlp.fc12", "mlp.fc2",
            "norm2");

        static Names of(String modelType) {
            return modelType.equals("distilbert") ? DISTILBERT : modelType.equals("nomic_bert") ? NOMIC : BERT;
        }
    }

    @Override
    public List<String> modelTypes() {
        return List.of("bert", "distilbert", "roberta", "xlm-roberta", "camembert", "nomic_bert");
    }

    @Override
    public Graph forward(Config given, Weights all) {
        Config config = given.alias("dim", "hidden_size").alias("hidden_dim", "intermediate_size").alias("n_layers", "num_hidden_layers")
            .alias("n_heads", "num_attention_heads").alias("activation", "hidden_act").alias("n_embd", "hidden_size").alias("n_inner", "intermediate_size")
            .alias("n_layer", "num_hidden_layers").alias("n_head", "num_attention_heads").alias("n_positions", "max_position_embeddings")
            .alias("layer_norm_epsilon", "layer_norm_eps").alias("rotary_emb_base", "rope_theta").alias("rotary_emb_fraction", "partial_rotary_factor");
        String type = config.string("model_type", "");
        Weights weights = below(all, "bert", "roberta", "distilbert");
        Heads heads = Heads.of(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder g = Decoder.graph(config, layers, heads);
        boolean rotary = type.equals("nomic_bert");
        RopeTable rope = rotary ? RopeScaling.table(config, heads.dim()) : null;
        // BertConfig's default.
        var norms = new Norms(Norms.Kind.LAYER, (float) config.number("layer_norm_eps", 1e-12));

        Value x = embed(g, config, weights, heads.hidden(), rotary, type.contains("roberta") || type.equals("camembert"));
        x = norms.of(weights.in(weights.has("emb_ln.weight") ? "emb_ln" : "embeddings.LayerNorm"), heads.hidden()).of(g, "embed_norm", x);
        Names names = Names.of(type);
        for (int layer = 0; layer < layers; layer++) {
            x = layer(g, x, layer, config, heads, norms, rope, names, weights.in(names.layers + "." + layer));
        }
        return g.output(x).build();
    }

    private static Weights below(Weights weights, String... prefixes) {
        for (String prefix : prefixes) {
            if (weights.has(prefix + ".embeddings.word_embeddings.weight")) {
                return weights.in(prefix);
            }
        }
        return weights;
    }

    /** Of words, positions and the first token type, as far as there are such: [tokens, hidden]. */
    private static Value embed(GraphBuilder g, Config config, Weights weights, int hidden, boolean rotary, boolean padded) {
        Weights embeddings = weights.in("embeddings");
        Value x = g.embed("embed_tokens", embeddings.get("word_embeddings.weight", config.size("vocab_size"), hidden));
        if (!rotary) {
            int offset = config.has("position_offset") ? (int) config.number("position_offset") : padded ? (int) config.number("pad_token_id", 1) + 1 : 0;
            Value positions = g.embed("embed_positions", embeddings.get("position_embeddings.weight", config.size("max_position_embeddings", 512), hidden),
                new Op.Index(Op.Index.Kind.POSITION, offset));
            x = g.add("embed_placed", x, positions);
        }
        if (embeddings.has("token_type_embeddings.weight")) {
            Value types = g.embed("embed_types", embeddings.get("token_type_embeddings.weight", config.size("type_vocab_size", 2), hidden),
                new Op.Index(Op.Index.Kind.FIXED, 0));
            x = g.add("embed_typed", x, types);
        }
        return x;
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder g, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, Names names, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        int wide = config.size("intermediate_size");
        boolean fused = !names.fused.isEmpty() || weights.has("attention.qkv.weight");
        Heads.Qkv qkv = fused ? heads.fused(weights.in(names.fused.isEmpty() ? "attention.qkv" : names.fused))
            : new Heads.Qkv(Linears.of(weights.in(names.q), hidden, hidden), Linears.of(weights.in(names.k), hidden, hidden),
                Linears.of(weights.in(names.v), hidden, hidden));
        var attention = SelfAttention.plain(heads, qkv, Linears.of(weights.in(names.out), hidden, hidden), rope, 0).toAll();
        x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, x)); // [tokens, hidden]
        x = norms.of(weights.in(names.outNorm), hidden).of(g, name + "attn_norm", x);
        boolean gated = !names.gate.isEmpty();
        Activation activation = gated ? Activation.SILU : FeedForward.activation(config, "hidden_act", "gelu");
        var mlp = new FeedForward(activation, gated ? Linears.of(weights.in(names.gate), hidden, wide) : null, Linears.of(weights.in(names.up), hidden, wide),
            Linears.of(weights.in(names.down), wide, hidden));
        x = g.add(name + "ffn_residual", x, mlp.apply(g, name, x)); // [tokens, hidden]
        return norms.of(weights.in(names.norm), hidden).of(g, name + "out", x);
    }
}
