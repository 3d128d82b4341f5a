package dev.crema.api;

import dev.crema.engine.GenerationStats;

/**
 * Where a reply goes, whatever the transport. A reply is either one {@link #reply}, or any number of {@link #chunk} and a {@link #done}
 * (or of {@link #event} and an {@link #end});
 * {@link #error} ends both (before the first chunk with its status, after it as a last event). Called by the engine's thread.
 */
public interface ReplySink {
    /** The whole reply, a JSON object. */
    void reply(String json);

    /** One chunk of a streamed reply, a JSON object. */
    void chunk(String json);

    /** One event of a stream of named events (those of {@code /v1/responses}), a JSON object whose {@code type} is the name. */
    default void event(String name, String json) {
        chunk(json);
    }

    /** The end of a streamed reply. */
    void done();

    /** The end of a stream of named events, which says so itself: over HTTP no {@code [DONE]} follows. */
    default void end() {
        done();
    }

    /** Counts and times of one choice, when it has come to its end by itself and before its last chunk; for logs and figures. */
    default void finished(GenerationStats stats) { }

    /** An error in OpenAI's shape {@code {"error":{message,type,param,code,hint}}}, with its HTTP status. */
    void error(int status, String json);
}
