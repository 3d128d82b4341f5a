package dev.crema.engine;

import dev.crema.CremaException;

import java.util.List;

/** Hears of one generation, in order: any number of {@link #onText}, then exactly one of the other two. Called by the engine's thread. */
public interface GenerationListener {
    /** Why a reply ended; the names are OpenAI's {@code finish_reason}. */
    enum Finish { STOP, LENGTH }

    /** A token's log-probability and the alternatives at its place, most likely first. */
    record TokenLogprob(int token, byte[] bytes, float logprob, List<TokenLogprob> top) { }

    /** Whole characters of new text (never empty unless there are logprobs), and the logprobs of the tokens that they came from. */
    void onText(String delta, List<TokenLogprob> logprobs);

    /** Whether what was heard is enough: the reply ends as if the model had ended it. */
    default boolean hasEnough() {
        return false;
    }

    /** {@code tokens} are all ids of the reply, an end token not among them. */
    void onFinish(Finish reason, int[] tokens, GenerationStats stats);

    /** The generation failed or was cancelled ({@code CANCELLED}); its memory is free again. */
    void onError(CremaException error);
}
