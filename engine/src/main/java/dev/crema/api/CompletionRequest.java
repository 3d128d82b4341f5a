package dev.crema.api;

import dev.crema.json.Json;

import java.util.ArrayList;
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
record CompletionRequest(CompletionOptions options, List<Prompt> prompts, int maxTokens, int topLogprobs, boolean echo) {
    /** Either a text or token ids; the other is null. */
    record Prompt(String text, int[] ids) { }

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
        List<Prompt> prompts = prompts(fields);
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

    private static List<Prompt> prompts(Fields fields) {
        Json given = fields.get("prompt");
        String expected = "a string, an array of strings, an array of token ids, or an array of such arrays";
        return switch (given) {
            case null -> throw fields.missing("prompt", expected);
            case Json.Str text -> List.of(new Prompt(text.value(), null));
            case Json.Arr array -> {
                if (array.size() == 0) {
                    throw Fields.wrong("prompt", expected, given);
                }
                if (array.get(0) instanceof Json.Num) {
                    yield List.of(new Prompt(null, ids(array, "prompt")));
                }
                yield several(array);
            }
            case Json other -> throw Fields.wrong("prompt", expected, other);
        };
    }

    private static List<Prompt> several(Json.Arr array) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < array.size(); i++) {
            String param = "prompt[" + i + "]";
            prompts.add(switch (array.get(i)) {
                case Json.Str text -> new Prompt(text.value(), null);
                case Json.Arr ids when ids.size() > 0 -> new Prompt(null, ids(ids, param));
                case Json other -> throw Fields.wrong(param, "a string or an array of token ids", other);
            });
        }
        return prompts;
    }

    private static int[] ids(Json.Arr array, String param) {
        int[] ids = new int[array.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) Fields.integer(param + "[" + i + "]", array.get(i), 0, Integer.MAX_VALUE);
        }
        return ids;
    }
}
