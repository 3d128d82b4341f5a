package dev.crema.model;

import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.json.Json;

import java.util.List;

/**
 * Llama (arXiv 2302.13971, 2307.09288) and its close kin: pre-norm decoder layers of grouped-query attention with rotary positions and a gated
 * feed-forward. Mistral (2310.06825) adds a sliding window, Qwen 2 (2407.10671) biases on q, k and v, Qwen 3 (2505.09388) a norm on each
 * head of q and k, Phi-3 (2404.14219) keeps q, k, v and gate, up in one tensor each, SmolLM 3 leaves out the rotation in some layers, Granite
 * multiplies embeddings, residuals, scores and logits, and so does MiniCPM (2404.06395) under other names; Arcee has a feed-forward without a gate and
 * OLMoE (2409.02060) norms over all of q and of k; ERNIE 4.5's pairs to rotate are neighbours. Biases, head norms and fused tensors are there where their tensors are; a mixture of
 * experts takes the feed-forward's place where its tensors are ({@link Mixtures}).
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, vocab_size,
 * rms_norm_eps, hidden_act, tie_word_embeddings, sliding_window, use_sliding_window, max_window_layers, layer_types, no_rope_layers,
 * no_rope_layer_interval, embedding_multiplier, residual_multiplier, attention_multiplier, logits_scaling, scale_emb, scale_depth, dim_model_base}, and what
 * {@link RopeScaling} reads.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm, lm_head}; in each {@code model.layers.N}: {@code input_layernorm,
 * self_attn.{q_proj, k_proj, v_proj, qkv_proj, o_proj, q_norm, k_norm}, post_attention_layernorm, mlp.{gate_proj, up_proj, gate_up_proj,
 * down_proj}}.
 */
final class Llama implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("llama", "mistral", "ministral", "qwen2", "qwen3", "phi3", "smollm3", "granite", "granitemoe", "mixtral", "qwen2_moe", "qwen3_moe", "seed_oss",
            "ernie4_5", "minicpm", "arcee", "olmoe");
    }

    @Override
    public Graph forward(Config given, Weights weights) {
        Config config = standard(given);
        Heads heads = Heads.of(config);
        int layers = config.size("num_hidden_layers");
        GraphBuilder graph = Decoder.graph(config, layers, heads);
        RopeTable rope = RopeScaling.table(config, heads.dim());
        // GGUF's place for the divisors of Llama 3's scaling, and of Phi-3's.
        Weight factors = weights.optional("rope_freqs.weight", rope.rotaryDim() / 2);
        if (factors == null && weights.has("rope_factors_short.weight")) {
            factors = weights.get(RopeScaling.longRopeTensor(config), rope.rotaryDim() / 2);
        }
        var norms = new Norms(Norms.Kind.RMS, (float) config.number("rms_norm_eps"));
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", heads.hidden(), config.string("model_type", "").equals("smollm3"));

        Value x = graph.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        x = graph.scale("embed_scaled", x, config.number("embedding_multiplier", 1));
        for (int layer = 0; layer < layers; layer++) {
            x = layer(graph, x, layer, config, heads, norms, rotates(config, layer) ? rope : null, factors, weights.in("model.layers." + layer));
        }
        x = Decoder.last(graph, x, norms.of(weights.in("model.norm"), heads.hidden())); // [outputs, hidden]
        x = graph.scale("scaled", x, 1 / config.number("logits_scaling", 1)); // the head is linear
        return Decoder.finish(graph, x, ends.head()); // [outputs, vocab]
    }

    /** MiniCPM's factors as Granite calls them, and what ERNIE takes for granted. */
    private static Config standard(Config given) {
        Config config = given.alias("scale_emb", "embedding_multiplier");
        if (config.has("scale_depth")) {
            config = config.otherwise("residual_multiplier", Json.of(config.number("scale_depth") / Math.sqrt(config.size("num_hidden_layers"))));
        }
        if (config.has("dim_model_base")) {
            config = config.otherwise("logits_scaling", Json.of((double) config.size("hidden_size") / config.size("dim_model_base")));
        }
        return config.string("model_type", "").equals("ernie4_5") ? config.otherwise("rope_interleaved", Json.TRUE) : config;
    }

    /** x, out [tokens, hidden]; {@code rope} null for none. */
    private static Value layer(GraphBuilder graph, Value x, int layer, Config config, Heads heads, Norms norms, RopeTable rope, Weight factors,
            Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = heads.hidden();
        double residual = config.number("residual_multiplier", 1);
        boolean whole = config.string("model_type", "").equals("olmoe");
        Weights self = weights.in("self_attn");
        Value normed = norms.of(weights.in("input_layernorm"), hidden).of(graph, name + "attn_norm", x); // [tokens, hidden]
        Heads.Qkv qkv = self.has("qkv_proj.weight") ? heads.fused(self.in("qkv_proj")) : heads.separate(self);
        SelfAttention attention = SelfAttention.plain(heads, qkv, Linears.of(self.in("o_proj"), heads.queries(), hidden), rope,
            SlidingWindow.tokens(config, layer))
            .withNorms(norms.optional(self.in("q_norm"), whole ? heads.queries() : heads.dim()),
                norms.optional(self.in("k_norm"), whole ? heads.keys() : heads.dim()))
            .withFactors(factors).withScale(config.number("attention_multiplier", heads.scale()), 0);
        Value attended = attention.apply(graph, name, layer, normed); // [tokens, hidden]
        x = graph.add(name + "attn_residual", x, graph.scale(name + "attn_scaled", attended, residual)); // [tokens, hidden]

        normed = norms.of(weights.in("post_attention_layernorm"), hidden).of(graph, name + "ffn_norm", x); // [tokens, hidden]
        Value fed = feedForward(graph, name, normed, config, hidden, weights); // [tokens, hidden]
        return graph.add(name + "out", x, graph.scale(name + "ffn_scaled", fed, residual)); // [tokens, hidden]
    }

    private static Value feedForward(GraphBuilder graph, String name, Value x, Config config, int hidden, Weights weights) {
        Activation activation = FeedForward.activation(config, "hidden_act", "silu");
        if (Mixtures.isAt(weights)) {
            return Mixtures.apply(graph, name, x, config, activation, weights);
        }
        Weights mlp = weights.in("mlp");
        int intermediate = config.size("intermediate_size");
        return (mlp.has("gate_up_proj.weight") ? FeedForward.fused(activation, mlp, hidden, intermediate)
            : config.string("model_type", "").equals("arcee") ? FeedForward.plain(activation, mlp, "up_proj", "down_proj", hidden, intermediate)
            : FeedForward.gated(activation, mlp, hidden, intermediate)).apply(graph, name, x);
    }

    /** SmolLM 3: of {@code no_rope_layers} those with a 1, or all but every {@code no_rope_layer_interval}-th. */
    private static boolean rotates(Config config, int layer) {
        if (config.json().get("no_rope_layers") instanceof Json.Arr flags && layer < flags.size()) {
            return !(flags.get(layer) instanceof Json.Num flag && flag.longValue() == 0);
        }
        int interval = config.size("no_rope_layer_interval", Integer.MAX_VALUE);
        return (layer + 1) % interval != 0;
    }
}
