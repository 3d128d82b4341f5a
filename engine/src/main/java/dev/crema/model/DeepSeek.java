package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Routing;
import dev.crema.graph.Scoring;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.json.Json;

import java.util.List;

/**
 * DeepSeek-V2 (arXiv 2405.04434) and V3 (2412.19437): {@link LatentAttention}, and after the first layers a mixture of many small experts with some
 * that every token has. V2 weighs experts by a softmax, and may choose among the best groups of them; V3 by sigmoids, with a bias of the choice and
 * groups by their two best. PLM (2503.12167) has the same attention, and a feed-forward without a gate.
 *
 * <p>Config: what {@link LatentAttention} and {@link RopeScaling} read, {@code hidden_size, intermediate_size, num_hidden_layers, vocab_size,
 * rms_norm_eps, hidden_act, tie_word_embeddings, rope_interleave; n_routed_experts, num_experts_per_tok, moe_intermediate_size, n_shared_experts,
 * routed_scaling_factor, norm_topk_prob, scoring_func, topk_method, n_group, topk_group}.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm, lm_head}; in each {@code model.layers.N}: {@code input_layernorm, self_attn,
 * post_attention_layernorm}, and {@code mlp.{gate_proj, up_proj, down_proj}} or {@code mlp.{gate, gate.e_score_correction_bias,
 * experts.*.{gate_proj, up_proj, down_proj}, shared_experts.{gate_proj, up_proj, down_proj}}}. Layers beyond the last, which guess further tokens, are left out.
 */
final class DeepSeek implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("deepseek_v2", "deepseek_v3", "kimi_k2", "plm");
    }

    @Override
    public Graph forward(Config given, Weights weights) {
        // transformers' default: pairs are neighbours, as in the published weights.
        Config config = given.alias("rope_interleave", "rope_interleaved").otherwise("rope_interleaved", Json.TRUE);
        int layers = config.size("num_hidden_layers");
        LatentAttention sizes = LatentAttention.of(config);
        int hidden = sizes.hidden();
        GraphBuilder g = new GraphBuilder(config.string("model_type", "")).kv(sizes.cache(layers));
        RopeTable rope = RopeScaling.table(config, sizes.rope());
        Weight factors = weights.optional("rope_freqs.weight", rope.rotaryDim() / 2);
        float scale = (float) (RopeScaling.scoreFactor(config) / Math.sqrt(sizes.nope() + sizes.rope()));
        // DeepseekV3Config's defaults.
        var norms = new Norms(Norms.Kind.RMS, (float) config.number("rms_norm_eps", 1e-6));
        boolean tied = config.string("model_type", "").equals("plm");
        Decoder.Ends ends = Decoder.Ends.of(config, weights, "model.embed_tokens", "lm_head", hidden, tied);

        LatentAttention attention = sizes.in(g, weights);
        Value x = g.embed("embed_tokens", ends.embedding()); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            String name = "layers." + layer + ".";
            Weights at = weights.in("model.layers." + layer);
            Value normed = norms.of(at.in("input_layernorm"), hidden).of(g, name + "attn_norm", x); // [tokens, hidden]
            x = g.add(name + "attn_residual", x, attention.apply(g, name, layer, normed, at.in("self_attn"), norms, rope, factors, scale));
            normed = norms.of(at.in("post_attention_layernorm"), hidden).of(g, name + "ffn_norm", x); // [tokens, hidden]
            x = g.add(name + "out", x, feedForward(g, name, normed, config, at.in("mlp"))); // [tokens, hidden]
        }
        x = Decoder.last(g, x, norms.of(weights.in("model.norm"), hidden)); // [outputs, hidden]
        return Decoder.finish(g, x, ends.head()); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]. */
    private static Value feedForward(GraphBuilder g, String at, Value x, Config config, Weights mlp) {
        int hidden = x.channels();
        Activation activation = FeedForward.activation(config, "hidden_act", "silu");
        if (mlp.has("gate.weight")) {
            return mixture(g, at, x, config, activation, mlp);
        }
        int wide = config.size("intermediate_size");
        return (mlp.has("gate_proj.weight") ? FeedForward.gated(activation, mlp, hidden, wide)
            : FeedForward.plain(activation, mlp, "up_proj", "down_proj", hidden, wide)).apply(g, at, x);
    }

    private static Value mixture(GraphBuilder g, String at, Value x, Config config, Activation activation, Weights mlp) {
        int hidden = x.channels();
        int count = config.size("n_routed_experts");
        int size = config.size("moe_intermediate_size");
        // GGUF's name ends in .bias.
        Weight bias = mlp.has("gate.e_score_correction_bias") ? mlp.get("gate.e_score_correction_bias", count)
            : mlp.optional("gate.e_score_correction.bias", count);
        var experts = new Experts(Experts.Projection.of(mlp.get("gate.weight", count, hidden)), bias,
            Experts.Projection.of(mlp.stacked("experts.*.gate_proj.weight", count, size, hidden)),
            Experts.Projection.of(mlp.stacked("experts.*.up_proj.weight", count, size, hidden)),
            Experts.Projection.of(mlp.stacked("experts.*.down_proj.weight", count, hidden, size)), routing(config, count), activation);
        Value routed = experts.feedForward(g, at + "moe_", x); // [tokens, hidden]
        if (!mlp.has("shared_experts.up_proj.weight")) {
            return routed;
        }
        int shared = Math.multiplyExact(size, config.size("n_shared_experts"));
        return g.add(at + "moe_out", routed, FeedForward.gated(activation, mlp.in("shared_experts"), hidden, shared).apply(g, at + "shared_", x));
    }

    private static Routing routing(Config config, int count) {
        // DeepseekV2Config's defaults; V3's config says all of it but for what follows from its type.
        boolean v2 = config.string("model_type", "").equals("deepseek_v2");
        String scoring = config.string("scoring_func", v2 ? "softmax" : "sigmoid");
        String method = config.string("topk_method", v2 ? "greedy" : "noaux_tc");
        boolean byTwo = method.equals("noaux_tc");
        if (!scoring.equals("softmax") && !scoring.equals("sigmoid") || !byTwo && !method.equals("greedy") && !method.equals("group_limited_greedy")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model chooses experts by scoring_func " + scoring + " and topk_method " + method + ".",
                "Crema knows softmax and sigmoid, greedy, group_limited_greedy and noaux_tc (dev.crema.model.DeepSeek).");
        }
        int groups = method.equals("greedy") ? 1 : Math.max(1, (int) config.number("n_group", 1));
        int kept = groups == 1 ? 1 : config.size("topk_group");
        int topK = config.size("num_experts_per_tok");
        if (count % groups != 0 || kept > groups || topK > count / groups * kept) {
            throw Heads.wrong("of n_routed_experts " + count + " in n_group " + groups + " groups, of which topk_group " + kept
                + " are kept, num_experts_per_tok " + topK + " are chosen");
        }
        boolean normalises = config.bool("norm_topk_prob", !v2) && topK > 1;
        return new Routing(topK, scoring.equals("softmax") ? Scoring.SOFTMAX : Scoring.SIGMOID, normalises,
            (float) config.number("routed_scaling_factor", 1), groups, kept, byTwo && groups > 1 && count / groups > 1 ? 2 : 1);
    }
}
