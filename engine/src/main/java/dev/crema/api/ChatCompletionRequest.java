package dev.crema.api;

import dev.crema.json.Json;

import java.util.HashSet;
import java.util.Set;

/**
 * A request to {@code /v1/chat/completions}.
 *
 * @param messages          as templates read them, see {@link ChatMessages}
 * @param tools             that may be called, or null
 * @param maxTokens         of the reply
 * @param topLogprobs       alternatives a token; -1 for no logprobs
 * @param templateVariables {@code chat_template_kwargs}, {@code reasoning_effort} and {@code verbosity}
 */
record ChatCompletionRequest(CompletionOptions options, Json.Arr messages, ToolDefinitions tools, int maxTokens, int topLogprobs,
        Json.Obj templateVariables) {
    private static final Set<String> NAMES = union(CompletionOptions.NAMES, Set.of("messages", "max_tokens", "max_completion_tokens", "logprobs",
        "top_logprobs", "tools", "tool_choice", "parallel_tool_calls", "modalities", "reasoning_effort", "verbosity",
        "chat_template_kwargs"));
    private static final Set<String> HARMLESS = CompletionOptions.HARMLESS;

    /** Whether the last message is the assistant's, so that the reply goes on in its middle. */
    boolean continuesAssistant() {
        Json.Obj last = (Json.Obj) messages.get(messages.size() - 1);
        return last.get("role").equals(new Json.Str("assistant"));
    }

    static ChatCompletionRequest read(Json.Obj body, Json.Obj defaults) {
        var fields = new Fields(body);
        Refused.check(fields, Refused.CHAT);
        fields.allowOnly(NAMES, HARMLESS);
        refuseModalities(fields);
        CompletionOptions options = CompletionOptions.read(fields, defaults);
        long maxTokens = fields.integer("max_tokens", 1, Integer.MAX_VALUE, Integer.MAX_VALUE);
        return new ChatCompletionRequest(options, ChatMessages.read(fields), ToolDefinitions.read(fields),
            (int) fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE, maxTokens), topLogprobs(fields), templateVariables(fields));
    }

    static Set<String> union(Set<String> a, Set<String> b) {
        var all = new HashSet<>(a);
        all.addAll(b);
        return all;
    }

    private static void refuseModalities(Fields fields) {
        Json.Arr modalities = fields.array("modalities");
        if (modalities != null && !(modalities.size() == 1 && modalities.get(0).equals(new Json.Str("text")))) {
            throw Fields.unsupported("modalities", "Only the modality 'text' is supported.", "Remove 'modalities'.");
        }
    }

    private static int topLogprobs(Fields fields) {
        boolean logprobs = fields.flag("logprobs", false);
        if (fields.has("top_logprobs") && !logprobs) {
            throw Fields.invalid("top_logprobs", "'top_logprobs' needs 'logprobs' to be true.");
        }
        return logprobs ? (int) fields.integer("top_logprobs", 0, 20, 0) : -1;
    }

    private static Json.Obj templateVariables(Fields fields) {
        var variables = new Json.Obj();
        if (fields.has("reasoning_effort")) {
            variables.put("reasoning_effort", fields.oneOf("reasoning_effort", "none", "minimal", "low", "medium", "high", "xhigh"));
        }
        if (fields.has("verbosity")) {
            variables.put("verbosity", fields.oneOf("verbosity", "low", "medium", "high"));
        }
        Fields given = fields.object("chat_template_kwargs");
        if (given != null) {
            variables.members().putAll(given.object().members());
        }
        return variables;
    }
}
