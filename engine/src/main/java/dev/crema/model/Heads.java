package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.Op;

/** How attention is divided: {@code heads} query heads and {@code kvHeads} key and value heads of {@code dim} channels each. */
record Heads(int hidden, int heads, int kvHeads, int dim) {
    /** {@code hidden_size, num_attention_heads, num_key_value_heads, head_dim}. */
    static Heads of(Config config) {
        int hidden = config.size("hidden_size");
        int heads = config.size("num_attention_heads");
        return of(config, hidden, heads, config.size("num_key_value_heads", heads));
    }

    static Heads of(Config config, int hidden, int heads, int kvHeads) {
        if (!config.has("head_dim") && hidden % heads != 0) {
            throw wrong("hidden_size " + hidden + " is no multiple of num_attention_heads " + heads);
        }
        return new Heads(hidden, heads, kvHeads, config.size("head_dim", Math.max(1, hidden / heads))).checked();
    }

    /** This, or INVALID_CHECKPOINT where the numbers do not fit together. */
    Heads checked() {
        if (heads % kvHeads != 0) {
            throw wrong("num_attention_heads " + heads + " is no multiple of num_key_value_heads " + kvHeads);
        }
        if ((long) 3 * heads * dim > Integer.MAX_VALUE) {
            throw wrong("num_attention_heads " + heads + " times head_dim " + dim + " is too large");
        }
        return this;
    }

    static CremaException wrong(String what) {
        return new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's config does not fit together: " + what + ".", "");
    }

    /** Channels of all query heads. */
    int queries() {
        return heads * dim;
    }

    /** Channels of all key heads, and of all value heads. */
    int keys() {
        return kvHeads * dim;
    }

    /** 1 / sqrt(head dim). */
    float scale() {
        return (float) (1 / Math.sqrt(dim));
    }

    /** The three projections that attention reads. */
    record Qkv(Op.Linear q, Op.Linear k, Op.Linear v) { }

    /** {@code q_proj, k_proj, v_proj}. */
    Qkv separate(Weights attention) {
        return new Qkv(Linears.of(attention.in("q_proj"), hidden, queries()), Linears.of(attention.in("k_proj"), hidden, keys()),
            Linears.of(attention.in("v_proj"), hidden, keys()));
    }

    /** One layer whose rows are those of all queries, then of all keys, then of all values. */
    Qkv fused(Weights qkv) {
        int whole = queries() + 2 * keys();
        return new Qkv(Linears.part(qkv, "q", hidden, whole, new int[] {0, queries()}),
            Linears.part(qkv, "k", hidden, whole, new int[] {queries(), keys()}),
            Linears.part(qkv, "v", hidden, whole, new int[] {queries() + keys(), keys()}));
    }

    /** One layer with, for each kv head, the rows of its query heads, of its key and of its value. */
    Qkv fusedByHead(Weights qkv) {
        int group = heads / kvHeads;
        int whole = queries() + 2 * keys();
        int[][] q = new int[kvHeads][];
        int[][] k = new int[kvHeads][];
        int[][] v = new int[kvHeads][];
        for (int head = 0; head < kvHeads; head++) {
            int at = head * (group + 2) * dim;
            q[head] = new int[] {at, group * dim};
            k[head] = new int[] {at + group * dim, dim};
            v[head] = new int[] {at + (group + 1) * dim, dim};
        }
        return new Qkv(Linears.part(qkv, "q", hidden, whole, q), Linears.part(qkv, "k", hidden, whole, k), Linears.part(qkv, "v", hidden, whole, v));
    }
}
