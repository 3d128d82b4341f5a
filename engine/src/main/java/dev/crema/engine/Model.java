package dev.crema.engine;

import dev.crema.chat.ChatTemplate;
import dev.crema.graph.Graph;
import dev.crema.json.Json;
import dev.crema.model.Weights;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.tokenizer.Tokenizer;

/**
 * All that is known of a loaded model apart from where it runs.
 *
 * @param id            its name in the API
 * @param template      null for a model without one
 * @param contextLength tokens of prompt and reply together, at most
 * @param endTokens     ids that end a reply
 * @param defaults      generation_config.json: sampling defaults of the model
 */
public record Model(String id, Checkpoint checkpoint, Weights weights, Graph graph, Tokenizer tokenizer, ChatTemplate template, int contextLength,
        int[] endTokens, Json.Obj defaults) {
    /** Whether it makes embeddings only. */
    public boolean isEncoder() {
        return graph.logits() == null;
    }

    /** Tokens that can come: the width of a row of logits, which may be more than the tokenizer knows. */
    public int logitCount() {
        return isEncoder() ? tokenizer.vocabSize() : graph.logits().channels();
    }
}
