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
    }

    /** OpenAI's {@code usage}. */
    Json.Obj json() {
        return new Json.Obj().put("prompt_tokens", promptTokens).put("completion_tokens", completionTokens)
            .put("total_tokens", promptTokens + completionTokens)
            .put("prompt_tokens_details", new Json.Obj().put("cached_tokens", cachedTokens).put("audio_tokens", 0))
            .put("completion_tokens_details", new Json.Obj().put("reasoning_tokens", 0).put("audio_tokens", 0)
                .put("accepted_prediction_tokens", 0).put("rejected_prediction_tokens", 0));
    }

    /** An extension in llama.cpp's names; choices run at the same time, so times are the longest of them. */
    Json.Obj timings() {
        return new Json.Obj().put("queue_ms", millis(queueNanos)).put("time_to_first_token_ms", millis(queueNanos + prefillNanos))
            .put("cache_n", cachedTokens)
            .put("prompt_n", promptTokens - cachedTokens).put("prompt_ms", millis(prefillNanos))
            .put("prompt_per_second", perSecond(promptTokens - cachedTokens, prefillNanos))
            .put("predicted_n", completionTokens).put("predicted_ms", millis(decodeNanos))
            .put("predicted_per_second", perSecond(decodedTokens, decodeNanos));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    private static double perSecond(long tokens, long nanos) {
        return nanos <= 0 ? 0 : Math.round(tokens * 1e11 / nanos) / 1e2;
    }
}
