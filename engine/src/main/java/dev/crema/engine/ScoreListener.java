package dev.crema.engine;

import dev.crema.CremaException;
import dev.crema.engine.GenerationListener.TokenLogprob;

import java.util.List;

/** Hears how likely the model finds texts: exactly one of the two. Called by the engine's thread. */
public interface ScoreListener {
    /** Of each text its tokens, the first with NaN: nothing came before it. */
    void onScores(List<List<TokenLogprob>> texts);

    /** The request failed or was cancelled ({@code CANCELLED}). */
    void onError(CremaException error);
}
