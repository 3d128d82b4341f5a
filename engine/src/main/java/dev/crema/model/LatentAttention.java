package dev.crema.model;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Routing;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;
import dev.crema.json.Json;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

/**
 * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434) on its compressed cache: what a token leaves is a latent vector of {@code rank}
 * channels, from which all heads' keys and values could be made, and {@code rope} channels that are rotated. Keys and values are never made: a query
 * goes through the matrix of its head's keys instead, and what attention sums up of the latents through that of its values.
 *
 * <p>Config: {@code num_attention_heads, q_lora_rank, kv_lora_rank, qk_nope_head_dim, qk_rope_head_dim, v_head_dim}.
 *
 * <p>Tensors, below {@code self_attn}: {@code q_proj}, or {@code q_a_proj, q_a_layernorm, q_b_proj}; {@code kv_a_proj_with_mqa, kv_a_layernorm};
 * {@code kv_b_proj}, or its two parts as newer GGUF files have them, {@code k_b_proj} [heads, rank, nope] and {@code v_b_proj} [heads, value, rank];
 * {@code o_proj}.
 *
 * @param nope  channels of a head of q that are not rotated, and {@code rope} those that are
 * @param value channels of a head of v
 * @param queryRank channels of the queries' own latent vector, 0 for none
 * @param all   routes of a row to every head in order: the matrices of heads are those of experts who are all asked [tokens, 2*heads]
 */
record LatentAttention(int hidden, int heads, int nope, int rope, int rank, int value, int queryRank, Value all) {
    static LatentAttention of(Config config) {
        int queryRank = config.json().get("q_lora_rank") instanceof Json.Num ? config.size("q_lora_rank") : 0;
        var sizes = new LatentAttention(config.size("hidden_size"), config.size("num_attention_heads"), config.size("qk_nope_head_dim"),
            config.size("qk_rope_head_dim"), config.size("kv_lora_rank"), config.size("v_head_dim"), queryRank, null);
        long widest = (long) sizes.heads * Math.max(Math.max((long) sizes.nope + sizes.rope, (long) sizes.nope + sizes.value), (long) sizes.rank + sizes.rope);
        if (3 * widest > Integer.MAX_VALUE) {
            throw Heads.wrong("num_attention_heads " + sizes.heads + " times kv_lora_rank " + sizes.rank + " or the channels of a head is too large");
        }
        return sizes;
    }

    /** Of a token the latent vector and the rotated channels; the latent vector is also what is summed up. */
    KvLayout cache(int layers) {
        return new KvLayout(layers, 1, rank + rope, rank);
    }

    /** The same with what all layers share, which it adds to the graph. */
    LatentAttention in(GraphBuilder g, Weights weights) {
        float[] order = new float[heads];
        for (int head = 0; head < heads; head++) {
            order[head] = -head;
        }
        byte[] bytes = new byte[(int) DType.F32.bytes(heads)];
        Quant.quantize(DType.F32, order, 0, bytes, 0, heads);
        Value scores = g.embed("heads_order", weights.made("heads_order", bytes, 1, heads), new Op.Index(Op.Index.Kind.FIXED, 0)); // [tokens, heads]
        return new LatentAttention(hidden, heads, nope, rope, rank, value, queryRank, g.route("heads", scores, null, Routing.softmax(heads, false)));
    }

    /** x, result [tokens, hidden]. */
    Value apply(GraphBuilder g, String at, int layer, Value x, Weights self, Norms norms, RopeTable table, Weight factors, float scale) {
        Value q = queries(g, at, x, self, norms, table, factors); // [tokens, heads*(rank+rope)]
        Weights compress = self.in("kv_a_proj_with_mqa");
        Value latent = Linears.apply(g, at + "kv_a", x, Linears.part(compress, "latent", hidden, rank + rope, new int[] {0, rank})); // [tokens, rank]
        latent = norms.of(self.in("kv_a_layernorm"), rank).of(g, at + "kv_a_norm", latent);
        Value turning = Linears.apply(g, at + "k_pe", x, Linears.part(compress, "rope", hidden, rank + rope, new int[] {rank, rope})); // [tokens, rope]
        Value k = g.join(at + "k", latent, g.rope(at + "k_rope", turning, rope, table, factors), 1); // [tokens, rank+rope]
        Value seen = g.latentAttention(at + "attn", q, k, layer, heads, 1, rank + rope, scale); // [tokens, heads*rank]
        Value mixed = g.expertMatMul(at + "v_b", seen, all, values(self), null); // [tokens, heads*value]
        return Linears.apply(g, at + "attn_out", mixed, Linears.of(self.in("o_proj"), heads * value, hidden)); // [tokens, hidden]
    }

    private Value queries(GraphBuilder g, String at, Value x, Weights self, Norms norms, RopeTable table, Weight factors) {
        int in = hidden;
        Weights project = self.in("q_proj");
        if (queryRank > 0) {
            in = queryRank;
            project = self.in("q_b_proj");
            x = Linears.apply(g, at + "q_a", x, Linears.of(self.in("q_a_proj"), hidden, queryRank)); // [tokens, queryRank]
            x = norms.of(self.in("q_a_layernorm"), queryRank).of(g, at + "q_a_norm", x);
        }
        Value still = Linears.apply(g, at + "q", x, Linears.part(project, "nope", in, heads * (nope + rope), runs(0, nope))); // [tokens, heads*nope]
        Value turning = Linears.apply(g, at + "q_pe", x, Linears.part(project, "rope", in, heads * (nope + rope), runs(nope, rope))); // [tokens, heads*rope]
        turning = g.rope(at + "q_rope", turning, rope, table, factors);
        Value absorbed = g.expertMatMul(at + "k_b", still, all, keys(self), null); // [tokens, heads*rank]
        return g.join(at + "q_joined", absorbed, turning, heads);
    }

    /** Of each head's rows of q so many from {@code from} on. */
    private int[][] runs(int from, int count) {
        int[][] runs = new int[heads][];
        for (int head = 0; head < heads; head++) {
            runs[head] = new int[] {head * (nope + rope) + from, count};
        }
        return runs;
    }

    /** [heads, rank, nope] */
    private Weight keys(Weights self) {
        return self.has("k_b_proj.weight") ? self.get("k_b_proj.weight", heads, rank, nope)
            : self.headsTurned("kv_b_proj.weight", "k^T", heads, nope + value, 0, nope, rank);
    }

    /** [heads, value, rank] */
    private Weight values(Weights self) {
        return self.has("v_b_proj.weight") ? self.get("v_b_proj.weight", heads, value, rank)
            : self.heads("kv_b_proj.weight", "v", heads, nope + value, nope, value, rank);
    }
}
