package dev.crema.engine;

/**
 * What an engine is doing, and has done since it was made.
 *
 * @param running         requests that are computed
 * @param waiting         requests that wait for them
 * @param freeKvPages     of {@code kvPages}; those of cached prefixes are not among them
 * @param cachedKvPages   pages that only cached prefixes hold (or fewer, where running texts share pages): given back when others need them
 * @param promptTokens    tokens of prompts that were computed, again after a pre-emption included
 * @param generatedTokens tokens that were sampled and read, those of cancelled requests included
 */
public record EngineStatus(int running, int waiting, int kvPages, int freeKvPages, int cachedKvPages, long promptTokens, long generatedTokens) { }
