package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.chat.ToolCallParser;
import dev.crema.engine.Engine;
import dev.crema.engine.GenerationListener.Finish;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/** A chat completion on its way. */
final class ChatCall extends Call {
    private final ChatCompletionRequest request;
    private final RandomBits random;

    ChatCall(Engine engine, Envelope envelope, ChatCompletionRequest request, Shape shape, RandomBits random, ReplySink sink, Cancellation cancellation) {
        super(engine, envelope, request.options(), shape, sink, cancellation);
        this.request = request;
        this.random = random;
    }

    void start(int[] prompt, long seed) {
        var prompts = new ArrayList<int[]>();
        for (int i = 0; i < options.n(); i++) {
            new Message(i);
            prompts.add(prompt);
        }
        submit(prompts, request.maxTokens(), request.topLogprobs(), seed, !request.continuesAssistant());
    }

    @Override
    String replyObject() {
        return "chat.completion";
    }

    @Override
    String chunkObject() {
        return "chat.completion.chunk";
    }

    /** One choice: the assistant's message. */
    private final class Message extends Choice {
        private final StringBuilder content = new StringBuilder();
        private final Json.Arr toolCalls = new Json.Arr();
        private final List<TokenLogprob> allLogprobs = new ArrayList<>();
        private final ToolCallParser parser = request.tools() == null ? null : new ToolCallParser();
        private boolean opened;
        private String finishReason;

        Message(int index) {
            super(index);
        }

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) {
            if (!ended()) {
                take(parser == null ? List.of(new ToolCallParser.Piece(delta, null)) : parser.append(delta), logprobs);
            }
        }

        private void take(List<ToolCallParser.Piece> pieces, List<TokenLogprob> logprobs) {
            open();
            allLogprobs.addAll(logprobs);
            List<TokenLogprob> pending = logprobs;
            for (ToolCallParser.Piece piece : pieces) {
                if (piece.call() != null) {
                    take(piece.call());
                } else if (!piece.content().isEmpty()) {
                    content.append(piece.content());
                    stream(new Json.Obj().put("content", piece.content()), pending);
                    pending = List.of();
                }
            }
            if (!pending.isEmpty()) {
                stream(new Json.Obj().put("content", ""), pending);
            }
        }

        private void take(ToolCallParser.ToolCall call) {
            if (toolCalls.size() > 0 && !request.parallelToolCalls()) {
                return;
            }
            int place = toolCalls.size();
            String id = random.id("call_");
            var function = new Json.Obj().put("name", call.name()).put("arguments", call.arguments());
            toolCalls.add(new Json.Obj().put("id", id).put("type", "function").put("function", function));
            var opening = new Json.Obj().put("index", place).put("id", id).put("type", "function")
                .put("function", new Json.Obj().put("name", call.name()).put("arguments", ""));
            streamCall(opening);
            streamCall(new Json.Obj().put("index", place).put("function", new Json.Obj().put("arguments", call.arguments())));
        }

        private void streamCall(Json.Obj call) {
            stream(new Json.Obj().put("tool_calls", new Json.Arr().add(call)), List.of());
        }

        /** The role comes with the first chunk and no other. */
        private void open() {
            if (!opened) {
                opened = true;
                stream(new Json.Obj().put("role", "assistant").put("content", "").put("refusal", Json.NULL), List.of());
            }
        }

        private void stream(Json.Obj delta, List<TokenLogprob> logprobs) {
            if (options.stream()) {
                chunk(chunkChoice(delta, orNull(logprobs, !logprobs.isEmpty())));
            }
        }

        private Json.Obj chunkChoice(Json.Obj delta, Json logprobs) {
            return new Json.Obj().put("index", index).put("delta", delta).put("logprobs", logprobs).put("finish_reason", finishReason);
        }

        @Override
        void finish(Finish reason) {
            take(parser == null ? List.of() : parser.finish(reason == Finish.LENGTH), List.of());
            finishReason = reason == Finish.LENGTH ? "length" : toolCalls.size() > 0 ? "tool_calls" : "stop";
        }

        @Override
        Json.Obj lastChunk() {
            return chunkChoice(new Json.Obj(), Json.NULL);
        }

        @Override
        Json.Obj json() {
            boolean callsOnly = toolCalls.size() > 0 && content.isEmpty();
            var message = new Json.Obj().put("role", "assistant").put("content", callsOnly ? null : content.toString()).put("refusal", Json.NULL)
                .put("annotations", new Json.Arr());
            if (toolCalls.size() > 0) {
                message.put("tool_calls", toolCalls);
            }
            return new Json.Obj().put("index", index).put("message", message).put("logprobs", orNull(allLogprobs, request.topLogprobs() >= 0))
                .put("finish_reason", finishReason);
        }
    }
}
