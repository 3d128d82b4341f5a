package dev.crema.graph;

import java.util.List;

/**
 * The closed set of operations. Each record states its maths and shapes; the reference device is the definition in code. All
 * values are f32 {@code [rows, channels]} but for {@link Sample}'s tokens. A {@code switch} over ops has no default, so a new
 * op is an error everywhere it is not yet handled.
 */
public sealed interface Op {
    /** The value that this op defines. */
    Value out();

    /**
     * {@code out[t] = table[index of t]}: table [vocab, hidden], out [tokens, hidden]; the index of a token is what {@link Index} says. A
     * table of positions must reach as far as contexts do.
     */
    record Embed(Weight table, Index index, Value out) implements Op { }

    /** Which row of a table belongs to a token of the batch: by its id, by its position plus an offset (learned positions), or always one row. */
    record Index(Kind kind, int offset) {
        public enum Kind { TOKEN, POSITION, FIXED }

        public static final Index TOKEN = new Index(Kind.TOKEN, 0);
    }

    /**
     * {@code out = x / sqrt(mean(x^2) + eps) * weight} over each group of {@code g} channels, g = length of weight: one group is the
     * usual norm of a row, several are the per-head norms of Qwen 3 (arXiv 1910.07467). x, out [rows, n*g].
     */
    record RmsNorm(Value x, Weight weight, float eps, Value out) implements Op { }

    /**
     * {@code out = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * weight + bias} over each row (arXiv 1607.06450): x, out [rows, channels],
     * weight and bias [channels], each may be null.
     */
    record LayerNorm(Value x, Weight weight, Weight bias, float eps, Value out) implements Op { }

    /** {@code out = x · weightᵀ (+ bias)}: x [rows, in], weight [out, in], bias [out] or null, out [rows, out]. */
    record MatMul(Value x, Weight weight, Weight bias, Value out) implements Op { }

    /**
     * Rotates each head's pairs by the token's position, see {@link RopeTable}: x, out [tokens, heads*headDim]. {@code factors}
     * (GGUF's {@code rope_freqs.weight}, f32 [rotaryDim/2]) divides the angles where it is not null.
     */
    record Rope(Value x, int headDim, RopeTable table, Weight factors, Value out) implements Op { }

    /**
     * Appends k and v of this batch to {@code layer} of the KV cache, then causal grouped-query attention of each token over its
     * own sequence: {@code softmax(q·kᵀ * scale)·v}. q, out [tokens, heads*headDim]; k, v [tokens, kvHeads*headDim]; query head h
     * reads kv head {@code h / (heads/kvHeads)}. A token at position p sees positions {@code max(0, p-window+1)..p}; window 0
     * means all. A score s becomes {@code softcap * tanh(s / softcap)} where softcap is not 0 (Gemma 2, arXiv 2408.00118). {@code sinks}
     * [heads] or null: of each head one more logit, which takes part in the softmax's denominator and has no value (gpt-oss). The cache
     * holds k and v as {@code Limits.kvType} rounds them, the batch's own too. Where it is not {@code causal}, as in encoders, a token sees
     * all of its sequence that is there after this batch, and the window must be 0: texts come whole. Where v is null, the cache keeps k alone
     * ({@link KvLayout#latent}), v is the first {@code latent} channels of k's heads, and out is [tokens, heads*latent].
     */
    record Attention(Value q, Value k, Value v, int layer, int heads, int kvHeads, int headDim, float scale, int window, float softcap,
        Weight sinks, boolean causal, Value out) implements Op {
        /** Channels of a head of v, and of out. */
        public int valueDim() {
            return out.channels() / heads;
        }
    }

    /** {@code out = activation(gate) * up}, element by element; all [rows, n]. */
    record Gated(Value gate, Value up, Activation activation, Value out) implements Op { }

    /**
     * {@code out = outer * activation(inner * x)}, element by element, all [rows, n]: a plain activation, a scale (IDENTITY), or a soft cap
     * ({@code cap * tanh(x / cap)}, arXiv 2408.00118).
     */
    record Activate(Value x, Activation activation, float inner, float outer, Value out) implements Op { }

    /** {@code out = a + b}, element by element; all [rows, n]. */
    record Add(Value a, Value b, Value out) implements Op { }

    /** Of each of {@code heads} heads a's channels, then b's: a [rows, heads*m], b [rows, heads*n], out [rows, heads*(m+n)]. */
    record Join(Value a, Value b, int heads, Value out) implements Op { }

    /**
     * The experts of each row and their weights: scores [rows, experts]; bias (of the choice only, DeepSeek-V3's
     * {@code e_score_correction_bias}) [experts] or null; out [rows, 2*topK], first the experts' numbers, best first, then their weights.
     */
    record Route(Value scores, Weight bias, Routing routing, Value out) implements Op { }

    /**
     * A mat-mul with the weights of each row's experts: for the i-th expert e of a row, {@code out_i = x_i · weight[e]ᵀ (+ bias[e])}. Weight
     * [experts, features, in], bias [experts, features] or null, routes as {@link Route} makes them, out [rows, topK*features]. x is
     * [rows, in] where all experts of a row read the same, or [rows, topK*in].
     */
    record ExpertMatMul(Value x, Value routes, Weight weight, Weight bias, Value out) implements Op { }

    /** {@code out = sum over i of weight_i * x_i}: what a row's experts made, by their weights; x [rows, topK*n], out [rows, n]. */
    record ExpertSum(Value x, Value routes, Value out) implements Op { }

    /** The rows whose logits the batch asks for: x [tokens, n], out [outputs, n]. */
    record SelectRows(Value x, Value out) implements Op { }

    /**
     * One token a row by the row's {@code SampleSpec} (dev.crema.sampling.Sampler is the definition): logits [outputs, vocab] f32,
     * out [outputs] i32. Rows without a spec give -1.
     */
    record Sample(Value logits, Value out) implements Op { }

    /**
     * What several plain ops come to, for devices that run them as one kernel. Families do not build these: {@code dev.crema.graph.pass.Fusion}
     * makes them of plain ops, and a device asks for it.
     */
    sealed interface Fused extends Op { }

    /**
     * {@code out = n(x)·W1ᵀ + b1, n(x)·W2ᵀ + b2, ... (+ residual)}, side by side in each row: x [rows, in], residual and out [rows, out], out the sum
     * of the features. {@code norm} and {@code residual} may be null. Where x has a row a token and out has one an output, the rows whose
     * logits are asked for are selected first.
     */
    record Project(Value x, PreNorm norm, List<Linear> linears, Value residual, Value out) implements Fused {
        public Project {
            linears = List.copyOf(linears);
        }

        /** Whether rows are selected first. */
        public boolean selects() {
            return x.shape().extent(0) != out.shape().extent(0);
        }
    }

    /** {@code out = activation(n(x)·gateᵀ + b) * (n(x)·upᵀ + b)}: x [rows, in], out [rows, features]; {@code norm} may be null. */
    record GatedProject(Value x, PreNorm norm, Linear gate, Linear up, Activation activation, Value out) implements Fused { }

    /**
     * {@link Attention} of q, k and v that stand side by side in the rows of qkv [tokens, (heads + 2*kvHeads)*headDim], after an optional
     * norm of each head of q and of k and an optional rotation of both ({@link Rope}; table and factors may be null). out [tokens,
     * heads*headDim].
     */
    record RotaryAttention(Value qkv, PreNorm qNorm, PreNorm kNorm, RopeTable table, Weight factors, int layer, int heads, int kvHeads, int headDim,
        float scale, int window, float softcap, Weight sinks, Value out) implements Fused { }

    /** An {@link RmsNorm} before something else. */
    record PreNorm(Weight weight, float eps) { }

    /** The weight [features, in] and bias [features] or null of a {@link MatMul}. */
    record Linear(Weight weight, Weight bias) {
        public int features() {
            return weight.shape().extent(0);
        }
    }
}
