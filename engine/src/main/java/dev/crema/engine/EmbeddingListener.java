package dev.crema.engine;

import dev.crema.CremaException;

/** Hears of one embedding request: exactly one of the two. Called by the engine's thread. */
public interface EmbeddingListener {
    /** {@code vectors} [texts, hidden], each of length 1. */
    void onEmbeddings(float[][] vectors);

    /** The request failed or was cancelled ({@code CANCELLED}). */
    void onError(CremaException error);
}
