package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.json.Json;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A request to {@code /v1/responses}, as the request for a chat completion that it comes to.
 *
 * @param chat     the body for {@link ChatCompletionRequest}, always a stream
 * @param echo     members of the response that repeat the request
 * @param stream   whether events are wanted
 * @param logprobs whether texts carry them
 */
record ResponsesRequest(Json.Obj chat, Json.Obj echo, boolean stream, boolean logprobs) {
    /** Fields that mean what they mean in chat, OpenAI's and our own. */
    private static final List<String> SHARED = List.of("model", "temperature", "top_p", "top_k", "min_p", "typical_p", "repetition_penalty",
        "frequency_penalty", "presence_penalty", "logit_bias", "seed", "stop", "grammar", "regex", "chat_template_kwargs", "cache_prompt", "parallel_tool_calls");
    private static final Set<String> OWN = Set.of("input", "instructions", "max_output_tokens", "text", "tools", "tool_choice", "reasoning", "include",
        "stream", "top_logprobs", "truncation", "background");
    private static final Set<String> HARMLESS = ChatCompletionRequest.union(CompletionOptions.HARMLESS, Set.of("max_tool_calls", "stream_options"));
    private static final Map<String, String> REFUSED = Map.of(
        "previous_response_id", "Responses are not kept; send the items of the conversation so far as 'input'.",
        "conversation", "Conversations are not kept; send their items as 'input'.",
        "prompt", "There are no stored prompts; send 'instructions' and 'input'.",
        "context_management", "Remove it, and shorten 'input' yourself.",
        "moderation", "Nothing is moderated here; remove it.",
        "access_programs", "Remove it.",
        "image", "Replies are text; remove it.");
    /** What may be included. All but logprobs are about tools and inputs that are refused anyway, or never there. */
    private static final Set<String> INCLUDABLE = Set.of("file_search_call.results", "web_search_call.results", "web_search_call.action.sources",
        "message.input_image.image_url", "computer_call_output.output.image_url", "code_interpreter_call.outputs", "reasoning.encrypted_content",
        "message.output_text.logprobs");
    /** Names of chat's fields in messages of errors, and what they are called here. */
    private static final Map<String, String> RENAMED = Map.of("messages", "input", "max_completion_tokens", "max_output_tokens",
        "response_format", "text.format", "reasoning_effort", "reasoning.effort", "verbosity", "text.verbosity", "stream_options", "stream");

    static ResponsesRequest read(Json.Obj body) {
        var fields = new Fields(body);
        Refused.check(fields, REFUSED);
        var known = new HashSet<>(OWN);
        known.addAll(SHARED);
        fields.allowOnly(known, HARMLESS);
        boolean stream = fields.flag("stream", false);
        boolean logprobs = includesLogprobs(fields.array("include")) || fields.has("top_logprobs");
        refuseOthers(fields);

        var chat = new Json.Obj().put("messages", ResponseItems.messages(fields)).put("stream", true)
            .put("stream_options", new Json.Obj().put("include_usage", true));
        for (String name : SHARED) {
            if (fields.has(name)) {
                chat.put(name, fields.get(name));
            }
        }
        if (fields.has("max_output_tokens")) {
            chat.put("max_completion_tokens", fields.integer("max_output_tokens", 1, Integer.MAX_VALUE, 0));
        }
        if (logprobs) {
            chat.put("logprobs", true).put("top_logprobs", fields.integer("top_logprobs", 0, 20, 0));
        }
        text(fields.object("text"), chat);
        reasoning(fields.object("reasoning"), chat);
        tools(fields, chat);
        return new ResponsesRequest(chat, echo(fields), stream, logprobs);
    }

    private static void refuseOthers(Fields fields) {
        if (fields.flag("background", false)) {
            throw Fields.unsupported("background", "'background' is not supported: nothing is kept to be asked for later.", "Remove it, and wait or stream.");
        }
        if (fields.has("truncation") && fields.oneOf("truncation", "auto", "disabled").equals("auto")) {
            throw Fields.unsupported("truncation", "'truncation' of 'auto' is not supported.", "Send fewer items, and remove it.");
        }
        Fields options = fields.object("stream_options");
        if (options != null) {
            options.allowOnly(Set.of(), Set.of("include_obfuscation"));
        }
    }

    private static boolean includesLogprobs(Json.Arr include) {
        boolean logprobs = false;
        for (int i = 0; include != null && i < include.size(); i++) {
            if (!(include.get(i) instanceof Json.Str name) || !INCLUDABLE.contains(name.value())) {
                throw Fields.wrong("include[" + i + "]", "one of OpenAI's names, such as 'message.output_text.logprobs'", include.get(i));
            }
            logprobs |= name.value().equals("message.output_text.logprobs");
        }
        return logprobs;
    }

    /** {@code text.format} has the members of a json_schema side by side. */
    private static void text(Fields text, Json.Obj chat) {
        if (text == null) {
            return;
        }
        text.allowOnly(Set.of("format", "verbosity"), Set.of());
        if (text.has("verbosity")) {
            chat.put("verbosity", text.requiredString("verbosity"));
        }
        Fields format = text.object("format");
        if (format == null) {
            return;
        }
        String type = format.requiredString("type");
        var wanted = new Json.Obj().put("type", type);
        if (type.equals("json_schema")) {
            format.allowOnly(Set.of("type", "name", "schema", "strict", "description"), Set.of());
            wanted.put("json_schema", without(format.object(), "type"));
        }
        chat.put("response_format", wanted);
    }

    private static void reasoning(Fields reasoning, Json.Obj chat) {
        if (reasoning == null) {
            return;
        }
        reasoning.allowOnly(Set.of("effort", "summary", "generate_summary"), Set.of());
        for (String name : new String[] {"summary", "generate_summary"}) {
            if (reasoning.has(name)) {
                throw Fields.unsupported("reasoning." + name, "Reasoning is not summarised; it comes whole, as an item of type 'reasoning'.", "Remove it.");
            }
        }
        if (reasoning.has("effort")) {
            chat.put("reasoning_effort", reasoning.requiredString("effort"));
        }
    }

    /** Tools and the choice among them have their function's members side by side. */
    private static void tools(Fields fields, Json.Obj chat) {
        Json.Arr given = fields.array("tools");
        if (given != null) {
            var tools = new Json.Arr();
            for (int i = 0; i < given.size(); i++) {
                Fields tool = Fields.element(given, i, "tools");
                String type = tool.requiredString("type");
                if (!type.equals("function")) {
                    throw Fields.unsupported(tool.path() + "type", "'" + tool.path() + "type' is '" + type + "'; only 'function' is supported.",
                        "Run the tool yourself, and offer it as a function.");
                }
                tools.add(new Json.Obj().put("type", type).put("function", without(tool.object(), "type")));
            }
            chat.put("tools", tools);
        }
        switch (fields.get("tool_choice")) {
            case null -> { }
            case Json.Obj named when new Json.Str("function").equals(named.get("type")) ->
                chat.put("tool_choice", new Json.Obj().put("type", "function").put("function",
                    new Json.Obj().put("name", new Fields(named, "tool_choice.").requiredString("name"))));
            case Json.Obj other -> throw Fields.unsupported("tool_choice", "A 'tool_choice' is a name or of type 'function' here.",
                "Use 'none', 'auto', 'required' or {\"type\":\"function\",\"name\":...}.");
            case Json.Str choice when given == null || given.size() == 0 -> {
                if (!choice.value().equals("auto") && !choice.value().equals("none")) {
                    throw Fields.invalid("tool_choice", "'tool_choice' needs 'tools'.");
                }
            }
            case Json choice -> chat.put("tool_choice", choice);
        }
    }

    private static Json.Obj without(Json.Obj object, String name) {
        var rest = new Json.Obj();
        rest.members().putAll(object.members());
        rest.members().remove(name);
        return rest;
    }

    /** What a response repeats, in the order of OpenAI's reference; temperature and top_p are added when they are known. */
    private static Json.Obj echo(Fields fields) {
        Fields text = fields.object("text");
        Fields reasoning = fields.object("reasoning");
        Json format = text != null && text.has("format") ? text.get("format") : new Json.Obj().put("type", "text");
        var shownText = new Json.Obj().put("format", format);
        if (text != null && text.has("verbosity")) {
            shownText.put("verbosity", text.get("verbosity"));
        }
        return new Json.Obj().put("instructions", or(fields, "instructions", Json.NULL)).put("max_output_tokens", or(fields, "max_output_tokens", Json.NULL))
            .put("metadata", or(fields, "metadata", new Json.Obj())).put("parallel_tool_calls", or(fields, "parallel_tool_calls", Json.TRUE))
            .put("previous_response_id", Json.NULL)
            .put("reasoning", new Json.Obj().put("effort", reasoning == null ? Json.NULL : or(reasoning, "effort", Json.NULL)).put("summary", Json.NULL))
            .put("store", false).put("text", shownText).put("tool_choice", or(fields, "tool_choice", new Json.Str("auto")))
            .put("tools", or(fields, "tools", new Json.Arr())).put("top_logprobs", or(fields, "top_logprobs", Json.of(0L)))
            .put("truncation", "disabled");
    }

    private static Json or(Fields fields, String name, Json otherwise) {
        return fields.has(name) ? fields.get(name) : otherwise;
    }

    /** An error of the chat completion, with the field named as it is called here. */
    static CremaException renamed(CremaException error) {
        String param = error.param();
        if (param == null) {
            return error;
        }
        int end = 0;
        while (end < param.length() && param.charAt(end) != '[' && param.charAt(end) != '.') {
            end++;
        }
        String name = RENAMED.getOrDefault(param.substring(0, end), param.substring(0, end));
        // Items become other messages, of which one can't tell the number.
        String rest = name.equals("input") ? "" : param.substring(end).replace(".function.", ".").replace(".json_schema", "");
        return CremaException.ofParam(error.code(), name + rest, error.getMessage(), error.hint());
    }
}
