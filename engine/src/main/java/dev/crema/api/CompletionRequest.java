package dev.crema.api;

import dev.crema.json.Json;

import java.util.List;
import java.util.Set;

/**
 * A request to {@code /v1/completions}.
 *
 * @param prompts     each gets {@link CompletionOptions#n} replies
 * @param maxTokens   of a reply
 * @param topLogprobs alternatives a token; -1 for no logprobs
 * @param echo        whether a reply begins with its prompt
 */
record CompletionRequest(CompletionOptions options, List<TokenInput> prompts, int maxTokens, int topLogprobs, boolean echo) {
    /** OpenAI's default. */
    private static final int DEFAULT_MAX_TOKENS = 16;
    private static final int MAX_REPLIES = 128;
    private static final Set<String> NAMES = ChatCompletionRequest.union(CompletionOptions.NAMES, Set.of("prompt", "max_tokens", "logprobs", "echo"));
    /** Looked at by {@link #refuseUnsupported}: they may be there if they ask for nothing. */
    private static final Set<String> IDLE = ChatCompletionRequest.union(CompletionOptions.HARMLESS, Set.of("best_of", "suffix"));

    static CompletionRequest read(Json.Obj body, Json.Obj defaults) {
        var fields = new Fields(body);
        fields.allowOnly(NAMES, IDLE);
        CompletionOptions options = CompletionOptions.read(fields, defaults);
        List<TokenInput> prompts = TokenInput.read(fields, "prompt");
        int topLogprobs = fields.has("logprobs") ? (int) fields.integer("logprobs", 0, 20, 0) : -1;
        boolean echo = fields.flag("echo", false);
        refuseUnsupported(fields, options, echo && topLogprobs >= 0);
        if (prompts.size() * options.n() > MAX_REPLIES) {
            throw Fields.invalid("prompt", prompts.size() + " prompts with n = " + options.n() + " ask for " + prompts.size() * options.n()
                + " replies; " + MAX_REPLIES + " are allowed.");
        }
        return new CompletionRequest(options, prompts, (int) fields.integer("max_tokens", 1, Integer.MAX_VALUE, DEFAULT_MAX_TOKENS), topLogprobs, echo);
    }

    private static void refuseUnsupported(Fields fields, CompletionOptions options, boolean promptLogprobs) {
        if (!fields.string("suffix", "").isEmpty()) {
            throw Fields.unsupported("suffix", "'suffix' is not supported: the model writes only what follows a prompt.", "Remove it.");
        }
        if (fields.integer("best_of", 1, 20, options.n()) != options.n()) {
            throw Fields.unsupported("best_of", "'best_of' is not supported.", "Use 'n' and choose among the replies.");
        }
        if (promptLogprobs) {
            throw Fields.unsupported("echo", "'echo' together with 'logprobs' is not supported: prompts have no logprobs here.", "Send one of them.");
        }
    }
}
