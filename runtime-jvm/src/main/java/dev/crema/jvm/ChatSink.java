package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.api.ReplySink;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

/** Turns OpenAI's chunks back into text and a {@link ChatReply}. */
final class ChatSink implements ReplySink {
    private final ReplyStream<ChatReply> stream;
    private final StringBuilder text = new StringBuilder();
    private final Json.Arr toolCalls = new Json.Arr();
    private final long started = System.nanoTime();
    private long firstNanos;
    private long lastNanos;
    private String finishReason = "stop";
    private Json.Obj usage = new Json.Obj();
    private Json.Obj timings = new Json.Obj();

    ChatSink(ReplyStream<ChatReply> stream) {
        this.stream = stream;
    }

    @Override
    public void reply(String json) {
        chunk(json);
        done();
    }

    @Override
    public void chunk(String json) {
        Json.Obj chunk = JsonParser.parseObject(json);
        if (chunk.get("choices") instanceof Json.Arr choices && choices.size() > 0 && choices.get(0) instanceof Json.Obj choice) {
            if (choice.get("finish_reason") instanceof Json.Str reason) {
                finishReason = reason.value();
            }
            if (choice.get("delta") instanceof Json.Obj delta) {
                read(delta);
            }
        }
        if (chunk.get("usage") instanceof Json.Obj counts) {
            usage = counts;
        }
        if (chunk.get("timings") instanceof Json.Obj times) {
            timings = times;
        }
    }

    private void read(Json.Obj delta) {
        if (delta.get("content") instanceof Json.Str content && !content.value().isEmpty()) {
            lastNanos = System.nanoTime();
            firstNanos = firstNanos == 0 ? lastNanos : firstNanos;
            text.append(content.value());
            stream.text(content.value());
        }
        if (delta.get("tool_calls") instanceof Json.Arr calls) {
            ToolCallDeltas.merge(toolCalls, calls);
        }
    }

    @Override
    public void done() {
        int cached = usage.get("prompt_tokens_details") instanceof Json.Obj details ? count(details, "cached_tokens") : 0;
        int completion = count(usage, "completion_tokens");
        double rate = lastNanos > firstNanos ? (completion - 1) * 1e9 / (lastNanos - firstNanos) : 0;
        if (timings.get("predicted_per_second") instanceof Json.Num given) {
            rate = given.doubleValue();
        }
        stream.end(new ChatReply(text.toString(), finishReason, count(usage, "prompt_tokens"), cached, completion, rate, toolCalls));
    }

    private static int count(Json.Obj counts, String name) {
        return counts.get(name) instanceof Json.Num number && number.isInteger() ? (int) number.longValue() : 0;
    }

    @Override
    public void error(int status, String json) {
        stream.fail(toException(json));
    }

    static CremaException toException(String json) {
        ErrorCode code = ErrorCode.INTERNAL;
        String message = json;
        String hint = "";
        String param = null;
        if (JsonParser.parseObject(json).get("error") instanceof Json.Obj error) {
            message = text(error, "message", json);
            hint = text(error, "hint", "");
            param = text(error, "param", null);
            String name = text(error, "code", "");
            for (ErrorCode each : ErrorCode.values()) {
                code = each.wireName().equals(name) ? each : code;
            }
        }
        return param == null ? new CremaException(code, message, hint) : CremaException.ofParam(code, param, message, hint);
    }

    private static String text(Json.Obj object, String name, String otherwise) {
        return object.get(name) instanceof Json.Str string ? string.value() : otherwise;
    }
}
