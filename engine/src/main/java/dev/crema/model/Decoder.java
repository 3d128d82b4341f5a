package dev.crema.model;

import dev.crema.graph.Graph;
import dev.crema.graph.GraphBuilder;
import dev.crema.graph.KvLayout;
import dev.crema.graph.Op;
import dev.crema.graph.Value;
import dev.crema.graph.Weight;

/** What decoder-only models have in common before the first layer and after the last. */
final class Decoder {
    private Decoder() { }

    static GraphBuilder graph(Config config, int layers, Heads heads) {
        return new GraphBuilder(config.string("model_type", "")).kv(new KvLayout(layers, heads.kvHeads(), heads.dim()));
    }

    /** The table of token embeddings [vocab, hidden], and the output head [vocab, hidden] (with a bias where there is one), which may be the same. */
    record Ends(Weight embedding, Op.Linear head) {
        /** Tied where the config says so ({@code tie_word_embeddings}, transformers' default given) or the checkpoint has only one of the two. */
        static Ends of(Config config, Weights weights, String embed, String head, int hidden, boolean tiedByDefault) {
            int vocab = config.size("vocab_size");
            boolean tied = config.bool("tie_word_embeddings", tiedByDefault);
            boolean onlyHead = tied && !weights.has(embed + ".weight");
            Weight embedding = weights.get((onlyHead ? head : embed) + ".weight", vocab, hidden);
            boolean own = !tied && weights.has(head + ".weight");
            return new Ends(embedding, own ? Linears.of(weights.in(head), hidden, vocab) : new Op.Linear(embedding, null));
        }
    }

    /** Selects the rows whose logits are asked for, and norms them: x [tokens, hidden], result [outputs, hidden]. */
    static Value last(GraphBuilder g, Value x, Norms.Norm norm) {
        return norm.of(g, "norm", g.selectRows("last", x));
    }

    /** x [outputs, hidden] to logits [outputs, vocab], and what is sampled of them. */
    static Graph finish(GraphBuilder g, Value x, Op.Linear head) {
        return g.buildWithSampling(Linears.apply(g, "logits", x, head));
    }
}
