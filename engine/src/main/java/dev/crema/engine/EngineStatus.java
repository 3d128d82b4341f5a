package dev.crema.engine;

/** What an engine is doing: requests that run and wait, and the pages of its KV cache (free ones count no cached prefixes). */
public record EngineStatus(int running, int waiting, int kvPages, int freeKvPages) { }
