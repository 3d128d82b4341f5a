package dev.crema.model;

import dev.crema.graph.GraphBuilder;
import dev.crema.graph.Op;
import dev.crema.graph.RopeTable;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

/**
 * The attention block of one layer, written once for all families: projections, norms of q and k, rotation, attention, output projection.
 *
 * @param qNorm   of q, and {@code kNorm} of k; either may do nothing
 * @param rope    null for no rotation
 * @param factors divisors of the rotation's frequencies, or null
 * @param scale   of the scores
 * @param window  tokens that a token sees, 0 for all
 * @param softcap of the scores, 0 for none
 * @param sinks   [heads] or null
 * @param causal  false where a token sees its whole text
 */
record SelfAttention(Heads heads, Heads.Qkv qkv, Op.Linear out, Norms.Norm qNorm, Norms.Norm kNorm, RopeTable rope, Weight factors, float scale,
        int window, float softcap, Weight sinks, boolean causal) {
    /** Without norms, caps and sinks. */
    static SelfAttention plain(Heads heads, Heads.Qkv qkv, Op.Linear out, RopeTable rope, int window) {
        Norms.Norm nothing = (g, name, x) -> x;
        return new SelfAttention(heads, qkv, out, nothing, nothing, rope, null, heads.scale(), window, 0, null, true);
    }

    SelfAttention withNorms(Norms.Norm q, Norms.Norm k) {
        return new SelfAttention(heads, qkv, out, q, k, rope, factors, scale, window, softcap, sinks, causal);
    }

    SelfAttention withFactors(Weight divisors) {
        return new SelfAttention(heads, qkv, out, qNorm, kNorm, rope, divisors, scale, window, softcap, sinks, causal);
    }

    SelfAttention withScale(double factor, double cap) {
        return new SelfAttention(heads, qkv, out, qNorm, kNorm, rope, factors, (float) factor, window, (float) cap, sinks, causal);
    }

    SelfAttention withSinks(Weight logits) {
        return new SelfAttention(heads, qkv, out, qNorm, kNorm, rope, factors, scale, window, softcap, logits, causal);
    }

    /** Of encoders; without window, cap and sinks. */
    SelfAttention toAll() {
        return new SelfAttention(heads, qkv, out, qNorm, kNorm, rope, factors, scale, 0, 0, null, false);
    }

    /** x, result [tokens, hidden]. */
    Value apply(GraphBuilder g, String at, int layer, Value x) {
        Value q = Linears.apply(g, at + "q", x, qkv.q()); // [tokens, heads*dim]
        Value k = Linears.apply(g, at + "k", x, qkv.k()); // [tokens, kvHeads*dim]
        Value v = Linears.apply(g, at + "v", x, qkv.v()); // [tokens, kvHeads*dim]
        q = qNorm.of(g, at + "q_norm", q);
        k = kNorm.of(g, at + "k_norm", k);
        if (rope != null) {
            q = g.rope(at + "q_rope", q, heads.dim(), rope, factors);
            k = g.rope(at + "k_rope", k, heads.dim(), rope, factors);
        }
        Value mixed = causal
            ? g.attention(at + "attn", q, k, v, layer, heads.heads(), heads.kvHeads(), heads.dim(), scale, window, softcap, sinks)
            : g.attentionToAll(at + "attn", q, k, v, layer, heads.heads(), heads.kvHeads(), heads.dim(), scale);
        return Linears.apply(g, at + "attn_out", mixed, out); // [tokens, hidden]
    }
}
