package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.chat.ChatTemplate;
import dev.crema.chat.Thinking;
import dev.crema.chat.ToolForm;
import dev.crema.engine.Model;
import dev.crema.json.Json;
import dev.crema.tokenizer.Tokenizer;

/** From requests to prompts: through the chat template and the tokenizer. */
final class Prompts {
    /** Stands where a message is to be continued; cut out again with all that the template puts behind it. */
    private static final String CONTINUE_HERE = "CREMA_CONTINUES_HERE";

    private Prompts() { }

    /** The conversation up to where the assistant goes on. */
    static String chat(Model model, ChatCompletionRequest request) {
        ChatTemplate template = model.template();
        if (template == null) {
            throw Fields.unsupported("messages", "The model '" + model.id() + "' has no chat template.",
                "Use /v1/completions, or load a model that was made for chat.");
        }
        checkTools(template, request);
        checkVerbosity(template, request);
        if (!request.continuesAssistant()) {
            return withoutThoughts(template, request, template.render(request.messages(), offered(request), true, variables(template, request)));
        }
        int last = request.messages().size() - 1;
        Json.Obj message = (Json.Obj) request.messages().get(last);
        if (message.has("tool_calls")) {
            throw Fields.invalid("messages[" + last + "]", "The last message calls tools; expected their results as messages of role 'tool'.");
        }
        return continued(template, request, last, message);
    }

    /** The prompt ends in the middle of the last message, which the reply goes on. */
    private static String continued(ChatTemplate template, ChatCompletionRequest request, int last, Json.Obj message) {
        var begun = new Json.Obj();
        begun.members().putAll(message.members());
        begun.put("content", ((Json.Str) message.get("content")).value() + CONTINUE_HERE);
        var messages = new Json.Arr();
        messages.items().addAll(request.messages().items().subList(0, last));
        messages.add(begun);
        String text = template.render(messages, offered(request), false, variables(template, request));
        int place = text.lastIndexOf(CONTINUE_HERE);
        if (place < 0) {
            throw Fields.unsupported("messages[" + last + "]", "The model's chat template can't continue an assistant message.",
                "Let the last message be of role 'user' or 'tool'.");
        }
        return text.substring(0, place);
    }

    /** How long replies are is up to the model; few templates have a word for it. */
    private static void checkVerbosity(ChatTemplate template, ChatCompletionRequest request) {
        Json wanted = request.templateVariables().get("verbosity");
        if (wanted != null && !wanted.equals(new Json.Str("medium")) && !template.source().contains("verbosity")) {
            throw Fields.unsupported("verbosity", "The model's chat template has no place for 'verbosity'.",
                "Ask for a short or a long answer in a message, or limit 'max_completion_tokens'.");
        }
    }

    private static Json.Arr offered(ChatCompletionRequest request) {
        return request.tools() == null ? null : request.tools().offered();
    }

    /** {@code reasoning_effort} in the words of a template that can only switch thoughts on or off, unless the request does so itself. */
    private static Json.Obj variables(ChatTemplate template, ChatCompletionRequest request) {
        Json.Obj given = request.templateVariables();
        if (!given.has("reasoning_effort") || given.has("enable_thinking") || !template.source().contains("enable_thinking")) {
            return given;
        }
        var all = new Json.Obj();
        all.members().putAll(given.members());
        Json effort = given.get("reasoning_effort");
        return all.put("enable_thinking", !effort.equals(new Json.Str("none")) && !effort.equals(new Json.Str("minimal")));
    }

    /** Where the template begins the thoughts itself and has no switch, no effort ends them at once. */
    private static String withoutThoughts(ChatTemplate template, ChatCompletionRequest request, String prompt) {
        Thinking thinking = Thinking.of(template.source(), prompt, false);
        boolean none = new Json.Str("none").equals(request.templateVariables().get("reasoning_effort"));
        return none && thinking.start() == Thinking.Start.OPEN ? prompt.stripTrailing() + "\n\n" + thinking.close() + "\n\n" : prompt;
    }

    private static void checkTools(ChatTemplate template, ChatCompletionRequest request) {
        if (request.tools() == null) {
            return;
        }
        if (!template.source().contains("tools")) {
            throw Fields.unsupported("tools", "The model's chat template has no place for tools.", "Load a model that was made for tools, or remove 'tools'.");
        }
        if (ToolForm.of(template.source()) == null) {
            throw Fields.unsupported("tools", "The model writes tool calls in a form that is not supported; those of Hermes, Qwen, Llama 3, Mistral, Phi 4, Granite,"
                + " DeepSeek, Kimi, GLM 4.5, Command R7B, LFM 2 and gpt-oss are.",
                "Remove 'tools', and describe them in a message.");
        }
    }

    /** Ids of a prompt, with the begin token where the tokenizer wants one and the text has none. */
    static int[] encode(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text, Tokenizer.Special.PARSE);
        if (!tokenizer.addsBos() || ids.length > 0 && ids[0] == tokenizer.bos()) {
            return ids;
        }
        int[] begun = new int[ids.length + 1];
        begun[0] = tokenizer.bos();
        System.arraycopy(ids, 0, begun, 1, ids.length);
        return begun;
    }

    /** The same for a text that is embedded, with the token after it that the tokenizer wants there. */
    static int[] encodeWhole(Tokenizer tokenizer, String text) {
        int[] ids = encode(tokenizer, text);
        int suffix = tokenizer.suffix();
        if (suffix < 0 || ids.length > 0 && ids[ids.length - 1] == suffix) {
            return ids;
        }
        int[] ended = new int[ids.length + 1];
        System.arraycopy(ids, 0, ended, 0, ids.length);
        ended[ids.length] = suffix;
        return ended;
    }

    /** Engines speak of messages; a raw completion has prompts. */
    static CremaException ofPrompt(CremaException error) {
        return error.code() == ErrorCode.CONTEXT_LENGTH_EXCEEDED
            ? CremaException.ofParam(error.code(), "prompt", error.getMessage(), "Shorten the prompt or load the model with a larger context length.")
            : error;
    }
}
