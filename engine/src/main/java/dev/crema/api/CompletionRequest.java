package dev.crema.api;

import dev.crema.json.Json;

import java.util.List;
import java.util.Set;

/**
 * A request to {@code /v1/completions}.
 *
 * @param prompts     each gets {@link CompletionOptions#n} replies
 * @param maxTokens   of a reply; 0 writes nothing
 * @param topLogprobs alternatives a token; -1 for no logprobs
 * @param echo        whether a reply begins with its prompt
 * @param bestOf      replies that are written to each prompt, of which the {@code n} best are sent
 */
record CompletionRequest(CompletionOptions options, List<TokenInput> prompts, int maxTokens, int topLogprobs, boolean echo, int bestOf) {
    /** OpenAI's default. */
    private static final int DEFAULT_MAX_TOKENS = 16;
    private static final int MAX_REPLIES = 128;
    /** OpenAI's. */
    private static final int MAX_BEST_OF = 20;
    private static final Set<String> NAMES = ChatCompletionRequest.union(CompletionOptions.NAMES, Set.of("prompt", "max_tokens", "logprobs", "echo", "best_of",
        "suffix"));

    static CompletionRequest read(Json.Obj body, Json.Obj defaults) {
        var fields = new Fields(body);
        fields.allowOnly(NAMES, CompletionOptions.HARMLESS);
        CompletionOptions options = CompletionOptions.read(fields, defaults);
        List<TokenInput> prompts = TokenInput.read(fields, "prompt");
        int topLogprobs = fields.has("logprobs") ? (int) fields.integer("logprobs", 0, 20, 0) : -1;
        boolean echo = fields.flag("echo", false);
        int bestOf = bestOf(fields, options);
        if (!fields.string("suffix", "").isEmpty()) {
            throw Fields.unsupported("suffix", "'suffix' is not supported: the model writes only what follows a prompt.", "Remove it.");
        }
        if (prompts.size() * bestOf > MAX_REPLIES) {
            throw Fields.invalid("prompt", prompts.size() + " prompts with " + (bestOf > options.n() ? "best_of" : "n") + " = " + bestOf + " ask for "
                + prompts.size() * bestOf + " replies; " + MAX_REPLIES + " are allowed.");
        }
        int maxTokens = (int) fields.integer("max_tokens", 0, Integer.MAX_VALUE, DEFAULT_MAX_TOKENS);
        return new CompletionRequest(options, prompts, maxTokens, topLogprobs, echo, bestOf);
    }

    private static int bestOf(Fields fields, CompletionOptions options) {
        int bestOf = (int) fields.integer("best_of", 1, MAX_BEST_OF, options.n());
        if (bestOf < options.n()) {
            throw Fields.invalid("best_of", "'best_of' is " + bestOf + ", less than 'n', which is " + options.n() + ".");
        }
        if (bestOf > options.n() && options.stream()) {
            throw Fields.invalid("best_of", "'best_of' can't be streamed: which reply is best is known when all are written.");
        }
        return bestOf;
    }
}
