package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.engine.Engine;

/** The OpenAI API over an engine: JSON text in, JSON text out. The page and the server differ in transport only. */
public final class ChatService {
    public ChatService(Engine engine, Clock clock) {
        throw new UnsupportedOperationException();
    }

    /**
     * Handles one request. {@code path} is {@code /v1/chat/completions}, {@code /v1/completions} (body: the request) or {@code /v1/models}[/id] (no body);
     * anything else is NOT_FOUND. Returns once the request is queued; the sink hears the rest while the engine steps. Never throws
     * for what the request holds: errors go to the sink. Must be called by the engine's thread.
     */
    public void handle(String path, String body, ReplySink sink, Cancellation cancellation) {
        throw new UnsupportedOperationException();
    }
}
