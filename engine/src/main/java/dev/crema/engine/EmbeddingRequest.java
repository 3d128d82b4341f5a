package dev.crema.engine;

import dev.crema.Cancellation;

import java.util.List;

/**
 * Texts to be embedded.
 *
 * @param texts token ids, at least one in each
 */
public record EmbeddingRequest(List<int[]> texts, Cancellation cancellation) {
    public EmbeddingRequest {
        texts = List.copyOf(texts);
    }
}
