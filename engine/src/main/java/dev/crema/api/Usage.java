package dev.crema.api;

import dev.crema.engine.GenerationStats;
import dev.crema.json.Json;

/** Counts tokens and times over the choices of one request. A prompt counts once, however many replies it gets. */
final class Usage {
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;
    private long decodedTokens;
    private long queueNanos;
    private long prefillNanos;
    private long decodeNanos;
    private long grammarNanos = -1;
    private long reasoningTokens;

    void add(GenerationStats stats, boolean countPrompt) {
        if (countPrompt) {
            promptTokens += stats.promptTokens();
            cachedTokens += stats.cachedTokens();
        }
        completionTokens += stats.completionTokens();
        decodedTokens += Math.max(0, stats.completionTokens() - 1);
        queueNanos = Math.max(queueNanos, stats.queueNanos());
        prefillNanos = Math.max(prefillNanos, stats.prefillNanos());
        decodeNanos = Math.max(decodeNanos, stats.decodeNanos());
        if (grammarNanos >= 0) {
            grammarNanos += stats.constraintNanos();
        }
    }

    /** There is a grammar, which took so long to be made ready; from now on, the time that it takes counts. */
    void addGrammar(long nanos) {
        grammarNanos = Math.max(0, grammarNanos) + nanos;
    }

    /** So many of the completion tokens were thoughts. */
    void addReasoning(int tokens) {
        reasoningTokens += tokens;
    }

    /** OpenAI's {@code usage}. */
    Json.Obj json() {
        return new Json.Obj().put("prompt_tokens", promptTokens).put("completion_tokens", completionTokens)
            .put("total_tokens", promptTokens + completionTokens)
            .put("prompt_tokens_details", new Json.Obj().put("cached_tokens", cachedTokens).put("audio_tokens", 0))
            .put("completion_tokens_details", new Json.Obj().put("reasoning_tokens", reasoningTokens).put("audio_tokens", 0)
                .put("accepted_prediction_tokens", 0).put("rejected_prediction_tokens", 0));
    }

    /** An extension in llama.cpp's names; choices run at the same time, so times are the longest of them; those of their grammar add up. */
    Json.Obj timings() {
        Json.Obj timings = new Json.Obj().put("queue_ms", millis(queueNanos)).put("time_to_first_token_ms", millis(queueNanos + prefillNanos))
            .put("cache_n", cachedTokens)
            .put("prompt_n", promptTokens - cachedTokens).put("prompt_ms", millis(prefillNanos))
            .put("prompt_per_second", perSecond(promptTokens - cachedTokens, prefillNanos))
            .put("predicted_n", completionTokens).put("predicted_ms", millis(decodeNanos))
            .put("predicted_per_second", perSecond(decodedTokens, decodeNanos));
        return grammarNanos < 0 ? timings : timings.put("grammar_ms", millis(grammarNanos));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    private static double perSecond(long tokens, long nanos) {
        return nanos <= 0 ? 0 : Math.round(tokens * 1e11 / nanos) / 1e2;
    }
}
