package dev.crema.api;

/**
 * Where a reply goes, whatever the transport. A reply is either one {@link #reply}, or any number of {@link #chunk} and a {@link #done};
 * {@link #error} ends both (before the first chunk with its status, after it as a last event). Called by the engine's thread.
 */
public interface ReplySink {
    /** The whole reply, a JSON object. */
    void reply(String json);

    /** One chunk of a streamed reply, a JSON object. */
    void chunk(String json);

    /** The end of a streamed reply. */
    void done();

    /** An error in OpenAI's shape {@code {"error":{message,type,param,code,hint}}}, with its HTTP status. */
    void error(int status, String json);
}
