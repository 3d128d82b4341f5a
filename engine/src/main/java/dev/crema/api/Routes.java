package dev.crema.api;

import java.util.List;

/** The endpoints, for transports: what {@link ChatService#handle} answers, and how each is asked. */
public final class Routes {
    private static final List<String> POST = List.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses",
        "/v1/tokenize", "/v1/detokenize", "/v1/apply-template");
    /** llama-server has these without the version in front. */
    private static final List<String> UNVERSIONED = List.of("/tokenize", "/detokenize", "/apply-template");
    private static final String MODELS = "/v1/models";

    private Routes() { }

    /** {@code POST} or {@code GET}; null where there is nothing at {@code path}. */
    public static String method(String path) {
        return POST.contains(canonical(path)) ? "POST" : path.equals(MODELS) || path.startsWith(MODELS + "/") ? "GET" : null;
    }

    /** All of them, for messages. */
    public static String list() {
        return "There are GET " + MODELS + " and POST " + String.join(", ", POST) + ".";
    }

    /** The path with the version in front. */
    static String canonical(String path) {
        return UNVERSIONED.contains(path) ? "/v1" + path : path;
    }
}
