package dev.crema.api;

import dev.crema.json.Json;

/** An item of a response while it is written: a message, thoughts, or the call of a function. */
final class OutputItem {
    enum Kind {
        MESSAGE("msg_"), REASONING("rs_"), FUNCTION_CALL("fc_");

        final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }
    }

    private final ResponseWriter writer;
    private final Kind kind;
    private final int index;
    private final String id;
    private final StringBuilder text = new StringBuilder();
    private final Json.Arr logprobs = new Json.Arr();
    private String callId;
    private String name;

    OutputItem(ResponseWriter writer, Kind kind, int index, String id) {
        this.writer = writer;
        this.kind = kind;
        this.index = index;
        this.id = id;
    }

    Kind kind() {
        return kind;
    }

    /** Tells of the item, and of the part that its text is; of calls with their own id and the function's name. */
    void begin(String call, String function) {
        callId = call;
        name = function;
        writer.event("response.output_item.added", new Json.Obj().put("output_index", index).put("item", item("in_progress", false)));
        if (kind != Kind.FUNCTION_CALL) {
            writer.event("response.content_part.added", place().put("part", part()));
        }
    }

    void append(String delta, Json.Arr deltaLogprobs) {
        text.append(delta);
        logprobs.items().addAll(deltaLogprobs.items());
        var event = place().put("delta", delta);
        switch (kind) {
            case MESSAGE -> writer.event("response.output_text.delta", event.put("logprobs", deltaLogprobs));
            case REASONING -> writer.event("response.reasoning_text.delta", event);
            case FUNCTION_CALL -> writer.event("response.function_call_arguments.delta", event);
        }
    }

    /** The item as the response has it. */
    Json.Obj end(String status) {
        switch (kind) {
            case MESSAGE -> writer.event("response.output_text.done", place().put("text", text.toString()).put("logprobs", logprobs));
            case REASONING -> writer.event("response.reasoning_text.done", place().put("text", text.toString()));
            case FUNCTION_CALL -> writer.event("response.function_call_arguments.done",
                place().put("name", name).put("arguments", text.toString()));
        }
        if (kind != Kind.FUNCTION_CALL) {
            writer.event("response.content_part.done", place().put("part", part()));
        }
        Json.Obj item = item(status, true);
        writer.event("response.output_item.done", new Json.Obj().put("output_index", index).put("item", item));
        return item;
    }

    private Json.Obj place() {
        var place = new Json.Obj().put("item_id", id).put("output_index", index);
        return kind == Kind.FUNCTION_CALL ? place : place.put("content_index", 0);
    }

    private Json.Obj item(String status, boolean whole) {
        Json.Arr content = whole ? new Json.Arr().add(part()) : new Json.Arr();
        return switch (kind) {
            case MESSAGE -> new Json.Obj().put("id", id).put("type", "message").put("status", status).put("role", "assistant").put("content", content);
            case REASONING -> new Json.Obj().put("id", id).put("type", "reasoning").put("status", status).put("summary", new Json.Arr())
                .put("content", content);
            case FUNCTION_CALL -> new Json.Obj().put("id", id).put("type", "function_call").put("status", status).put("call_id", callId)
                .put("name", name).put("arguments", text.toString());
        };
    }

    private Json.Obj part() {
        return kind == Kind.REASONING ? new Json.Obj().put("type", "reasoning_text").put("text", text.toString())
            : new Json.Obj().put("type", "output_text").put("text", text.toString()).put("annotations", new Json.Arr()).put("logprobs", logprobs);
    }
}
