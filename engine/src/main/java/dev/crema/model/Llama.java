package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Activation;
import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

import java.util.List;

/**
 * Llama (arXiv 2302.13971, 2307.09288) and its close kin: pre-norm decoder layers of grouped-query attention with rotary positions and a gated
 * feed-forward. Mistral (2310.06825) adds a sliding window, Qwen 2 (2407.10671) biases on q, k and v, Qwen 3 (2505.09388) a norm on each
 * head of q and k. Biases and head norms are there where their tensors are.
 *
 * <p>Config: {@code hidden_size, intermediate_size, num_hidden_layers, num_attention_heads, num_key_value_heads, head_dim, vocab_size,
 * rms_norm_eps, hidden_act, tie_word_embeddings, sliding_window, use_sliding_window, max_window_layers, layer_types}, and what
 * {@link RopeScaling} reads.
 *
 * <p>Tensors: {@code model.embed_tokens, model.norm, lm_head}; in each {@code model.layers.N}: {@code input_layernorm,
 * self_attn.{q_proj, k_proj, v_proj, o_proj, q_norm, k_norm}, post_attention_layernorm, mlp.{gate_proj, up_proj, down_proj}}.
 */
final class Llama implements ModelFamily {
    @Override
    public List<String> modelTypes() {
        return List.of("llama", "mistral", "qwen2", "qwen3");
    }

    @Override
    public Graph forward(Config config, Weights weights) {
        Sizes sizes = Sizes.of(config);
        int layers = config.size("num_hidden_layers");
        int vocab = config.size("vocab_size");
        var graph = new GraphBuilder(config.string("model_type", "llama"));
        graph.kv(new KvLayout(layers, sizes.kvHeads, sizes.headDim));
        RopeTable rope = RopeScaling.table(config, sizes.headDim);
        // GGUF's place for the divisors of Llama 3's scaling.
        Weight ropeFactors = weights.optional("rope_freqs.weight", rope.rotaryDim() / 2);

        boolean tied = config.bool("tie_word_embeddings", false);
        boolean onlyHead = tied && !weights.has("model.embed_tokens.weight");
        Weight embedding = weights.get(onlyHead ? "lm_head.weight" : "model.embed_tokens.weight", vocab, sizes.hidden);
        Weight head = tied || !weights.has("lm_head.weight") ? embedding : weights.get("lm_head.weight", vocab, sizes.hidden);

        Value x = graph.embed("embed_tokens", embedding); // [tokens, hidden]
        for (int layer = 0; layer < layers; layer++) {
            x = layer(graph, x, layer, SlidingWindow.tokens(config, layer), sizes, rope, ropeFactors, weights.in("model.layers." + layer));
        }
        x = graph.selectRows("last", x); // [outputs, hidden]
        x = graph.rmsNorm("norm", x, weights.get("model.norm.weight", sizes.hidden), sizes.eps); // [outputs, hidden]
        return graph.buildWithSampling(graph.matMul("logits", x, head, null)); // [outputs, vocab]
    }

    /** x, out [tokens, hidden]. */
    private static Value layer(GraphBuilder graph, Value x, int layer, int window, Sizes sizes, RopeTable rope, Weight ropeFactors, Weights weights) {
        String name = "layers." + layer + ".";
        int hidden = sizes.hidden;
        int headDim = sizes.headDim;
        Weights attention = weights.in("self_attn");
        Value normed = graph.rmsNorm(name + "attn_norm", x, weights.get("input_layernorm.weight", hidden), sizes.eps); // [tokens, hidden]
        Value q = linear(graph, name + "q", normed, attention.in("q_proj"), hidden, sizes.heads * headDim); // [tokens, heads*headDim]
        Value k = linear(graph, name + "k", normed, attention.in("k_proj"), hidden, sizes.kvHeads * headDim); // [tokens, kvHeads*headDim]
        Value v = linear(graph, name + "v", normed, attention.in("v_proj"), hidden, sizes.kvHeads * headDim); // [tokens, kvHeads*headDim]
        q = headNorm(graph, name + "q_norm", q, attention.optional("q_norm.weight", headDim), sizes.eps);
        k = headNorm(graph, name + "k_norm", k, attention.optional("k_norm.weight", headDim), sizes.eps);
        q = graph.rope(name + "q_rope", q, headDim, rope, ropeFactors);
        k = graph.rope(name + "k_rope", k, headDim, rope, ropeFactors);
        float scale = (float) (1 / Math.sqrt(headDim));
        Value heads = graph.attention(name + "attn", q, k, v, layer, sizes.heads, sizes.kvHeads, headDim, scale, window); // [tokens, heads*headDim]
        Value attended = linear(graph, name + "attn_out", heads, attention.in("o_proj"), sizes.heads * headDim, hidden); // [tokens, hidden]
        x = graph.add(name + "attn_residual", x, attended); // [tokens, hidden]

        Weights mlp = weights.in("mlp");
        normed = graph.rmsNorm(name + "ffn_norm", x, weights.get("post_attention_layernorm.weight", hidden), sizes.eps); // [tokens, hidden]
        Value gate = linear(graph, name + "ffn_gate", normed, mlp.in("gate_proj"), hidden, sizes.intermediate); // [tokens, intermediate]
        Value up = linear(graph, name + "ffn_up", normed, mlp.in("up_proj"), hidden, sizes.intermediate); // [tokens, intermediate]
        Value gated = graph.gated(name + "ffn_gated", gate, up, Activation.SILU); // [tokens, intermediate]
        Value down = linear(graph, name + "ffn_down", gated, mlp.in("down_proj"), sizes.intermediate, hidden); // [tokens, hidden]
        return graph.add(name + "out", x, down); // [tokens, hidden]
    }

    /** x [tokens, in], out [tokens, out]; with a bias where the checkpoint has one. */
    private static Value linear(GraphBuilder graph, String name, Value x, Weights weights, int in, int out) {
        return graph.matMul(name, x, weights.get("weight", out, in), weights.optional("bias", out));
    }

    private static Value headNorm(GraphBuilder graph, String name, Value x, Weight weight, float eps) {
        return weight == null ? x : graph.rmsNorm(name, x, weight, eps);
    }

    /** What the layers agree on. */
    private record Sizes(int hidden, int intermediate, int heads, int kvHeads, int headDim, float eps) {
        static Sizes of(Config config) {
            int hidden = config.size("hidden_size");
            int heads = config.size("num_attention_heads");
            int kvHeads = config.size("num_key_value_heads", heads);
            if (!config.has("head_dim") && hidden % heads != 0) {
                throw wrong("hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
            }
            int headDim = config.size("head_dim", Math.max(1, hidden / heads));
            if (heads % kvHeads != 0) {
                throw wrong("num_attention_heads " + heads + " is no multiple of num_key_value_heads " + kvHeads);
            }
            if ((long) heads * headDim > Integer.MAX_VALUE) {
                throw wrong("num_attention_heads " + heads + " times head_dim " + headDim + " is too large");
            }
            String activation = config.string("hidden_act", "silu");
            if (!activation.equals("silu") && !activation.equals("swish")) {
                throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's hidden_act is " + activation + ", Crema knows silu here.", "");
            }
            return new Sizes(hidden, config.size("intermediate_size"), heads, kvHeads, headDim, (float) config.number("rms_norm_eps"));
        }

        private static CremaException wrong(String what) {
            return new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's config does not fit together: " + what + ".", "");
        }
    }
}
