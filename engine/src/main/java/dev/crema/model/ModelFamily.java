package dev.crema.model;

import dev.crema.graph.Graph;

import java.util.List;

/** One architecture: a pure function from config and the weights that are there to a graph. */
public interface ModelFamily {
    /** The values of config.json's {@code model_type} that this family covers. */
    List<String> modelTypes();

    /** The graph of a forward pass, from token ids to sampled tokens. */
    Graph forward(Config config, Weights weights);
}
