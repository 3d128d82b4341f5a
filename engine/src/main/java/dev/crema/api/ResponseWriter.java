package dev.crema.api;

import dev.crema.engine.GenerationStats;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

/**
 * Makes a response of the chunks of a chat completion: its items one after the other, and where a stream is wanted the events that tell of them,
 * in OpenAI's order.
 */
final class ResponseWriter implements ReplySink {
    private final ReplySink sink;
    private final ResponsesRequest request;
    private final RandomBits random;
    private final Json.Obj response;
    private final Json.Arr output = new Json.Arr();
    /** The item that is being written, or null. */
    private OutputItem open;
    private int sequenceNumber;
    private boolean begun;

    /** {@code response} has what is known before the first token. */
    ResponseWriter(ReplySink sink, ResponsesRequest request, RandomBits random, Json.Obj response) {
        this.sink = sink;
        this.request = request;
        this.random = random;
        this.response = response;
        response.put("output", output);
    }

    /** The request has been queued. */
    void begin() {
        begun = true;
        event("response.created", snapshot());
        event("response.in_progress", snapshot());
    }

    private Json.Obj snapshot() {
        // Events are written at once, so later changes of the response do not show in them.
        return new Json.Obj().put("response", response);
    }

    /** Writes one event, if events are wanted. {@code members} follow its type. */
    void event(String type, Json.Obj members) {
        if (request.stream()) {
            var event = new Json.Obj().put("type", type).put("sequence_number", sequenceNumber++);
            event.members().putAll(members.members());
            sink.event(type, event.toString());
        }
    }

    @Override
    public void finished(GenerationStats stats) {
        sink.finished(stats);
    }

    @Override
    public void chunk(String json) {
        Json.Obj chunk = JsonParser.parseObject(json);
        var choices = (Json.Arr) chunk.get("choices");
        if (choices.size() > 0) {
            take((Json.Obj) choices.get(0));
        }
        if (chunk.get("usage") instanceof Json.Obj usage) {
            response.put("usage", usage(usage));
        }
        if (chunk.get("timings") instanceof Json.Obj timings) {
            response.put("timings", timings);
        }
    }

    private void take(Json.Obj choice) {
        var delta = (Json.Obj) choice.get("delta");
        Json.Arr logprobs = request.logprobs() && choice.get("logprobs") instanceof Json.Obj given && given.get("content") instanceof Json.Arr content
            ? content : new Json.Arr();
        if (delta.get("reasoning_content") instanceof Json.Str thought && !thought.value().isEmpty()) {
            item(OutputItem.Kind.REASONING, null).append(thought.value(), new Json.Arr());
        }
        if (delta.get("content") instanceof Json.Str text && (!text.value().isEmpty() || logprobs.size() > 0)) {
            item(OutputItem.Kind.MESSAGE, null).append(text.value(), logprobs);
        }
        if (delta.get("tool_calls") instanceof Json.Arr calls) {
            for (Json call : calls.items()) {
                call((Json.Obj) call);
            }
        }
        if (choice.get("finish_reason") instanceof Json.Str reason) {
            finish(reason.value());
        }
    }

    /** A call's first delta has its id and name; those after it have arguments only. */
    private void call(Json.Obj call) {
        var function = (Json.Obj) call.get("function");
        if (call.has("id")) {
            close("completed");
            open = new OutputItem(this, OutputItem.Kind.FUNCTION_CALL, output.size(), random.id("fc_"));
            open.begin(((Json.Str) call.get("id")).value(), ((Json.Str) function.get("name")).value());
        }
        if (open != null && function != null && function.get("arguments") instanceof Json.Str arguments && !arguments.value().isEmpty()) {
            open.append(arguments.value(), new Json.Arr());
        }
    }

    private OutputItem item(OutputItem.Kind kind, String name) {
        if (open == null || open.kind() != kind) {
            close("completed");
            open = new OutputItem(this, kind, output.size(), random.id(kind.prefix));
            open.begin(null, name);
        }
        return open;
    }

    private void close(String status) {
        if (open != null) {
            output.add(open.end(status));
            open = null;
        }
    }

    private void finish(String reason) {
        boolean cut = reason.equals("length");
        if (open == null && output.size() == 0) {
            item(OutputItem.Kind.MESSAGE, null); // An empty answer is an answer.
        }
        close(cut ? "incomplete" : "completed");
        response.put("status", cut ? "incomplete" : "completed");
        if (cut) {
            response.put("incomplete_details", new Json.Obj().put("reason", "max_output_tokens"));
        }
    }

    private static Json.Obj usage(Json.Obj chat) {
        var details = new Json.Obj().put("cached_tokens", member(chat, "prompt_tokens_details", "cached_tokens")).put("cache_write_tokens", 0);
        var outputDetails = new Json.Obj().put("reasoning_tokens", member(chat, "completion_tokens_details", "reasoning_tokens"));
        return new Json.Obj().put("input_tokens", chat.get("prompt_tokens")).put("input_tokens_details", details)
            .put("output_tokens", chat.get("completion_tokens")).put("output_tokens_details", outputDetails).put("total_tokens", chat.get("total_tokens"));
    }

    private static Json member(Json.Obj usage, String details, String name) {
        return usage.get(details) instanceof Json.Obj found && found.has(name) ? found.get(name) : Json.of(0L);
    }

    @Override
    public void done() {
        boolean completed = new Json.Str("completed").equals(response.get("status"));
        if (request.stream()) {
            event(completed ? "response.completed" : "response.incomplete", snapshot());
            sink.end();
        } else {
            sink.reply(response.toString());
        }
    }

    @Override
    public void reply(String json) {
        throw new IllegalStateException("a stream was asked for");
    }

    /** After the first event a failure is an event, too. */
    @Override
    public void error(int status, String json) {
        if (!begun || !request.stream()) {
            sink.error(status, json);
            return;
        }
        var error = (Json.Obj) JsonParser.parseObject(json).get("error");
        response.put("status", "failed").put("error", new Json.Obj().put("code", "server_error").put("message", error.get("message")));
        event("response.failed", snapshot());
        sink.end();
    }
}
