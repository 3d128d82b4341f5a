package dev.crema.engine;

/**
 * Counts and times of one generation.
 *
 * @param promptTokens of them {@code cachedTokens} came from the prefix cache
 * @param queueNanos   from submit to the first step
 * @param prefillNanos from the first step to the first token
 * @param decodeNanos  from the first token to the last
 * @param constraintNanos of them, to find out which tokens may come
 */
public record GenerationStats(int promptTokens, int cachedTokens, int completionTokens, long queueNanos, long prefillNanos, long decodeNanos,
        long constraintNanos) {
    /** Prompt tokens a second, without the cached ones; 0 where no time passed. */
    public double prefillTokensPerSecond() {
        return prefillNanos == 0 ? 0 : (promptTokens - cachedTokens) * 1e9 / prefillNanos;
    }

    /** Tokens a second after the first; 0 where no time passed. */
    public double decodeTokensPerSecond() {
        return decodeNanos == 0 ? 0 : (completionTokens - 1) * 1e9 / decodeNanos;
    }
}
