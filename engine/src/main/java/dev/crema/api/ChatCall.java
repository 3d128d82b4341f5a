package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.chat.ThoughtSplitter;
import dev.crema.chat.ToolCallParser;
import dev.crema.engine.Engine;
import dev.crema.engine.GenerationListener.Finish;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.json.Json;
import dev.crema.tokenizer.TextStream;

import java.util.ArrayList;
import java.util.List;

/** A chat completion on its way. */
final class ChatCall extends Call {
    private final ChatCompletionRequest request;
    private final ChatShape shape;
    private final RandomBits random;

    ChatCall(Engine engine, Envelope envelope, ChatCompletionRequest request, ChatShape shape, RandomBits random, ReplySink sink,
            Cancellation cancellation) {
        super(engine, envelope, request.options(), shape.shape(), sink, cancellation);
        this.request = request;
        this.shape = shape;
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
        private final ThoughtSplitter splitter = new ThoughtSplitter(shape.thinking());
        private final ToolCallParser parser = shape.form() == null ? null : new ToolCallParser(shape.form(), request.tools().callable());
        private final StringBuilder thoughts = new StringBuilder();
        /** Of the call that is being written; null behind the last that may come. */
        private StringBuilder arguments;
        private List<TokenLogprob> pending = List.of();
        private boolean opened;
        /** A call more than may come has begun. */
        private boolean enough;
        private String finishReason;

        Message(int index) {
            super(index);
        }

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) {
            if (!ended()) {
                open();
                allLogprobs.addAll(logprobs);
                pending = logprobs;
                take(splitter.append(delta));
                if (!pending.isEmpty()) {
                    stream(new Json.Obj().put("content", ""));
                }
            }
        }

        private void take(ThoughtSplitter.Split split) {
            if (!split.thought().isEmpty()) {
                thoughts.append(split.thought());
                stream(new Json.Obj().put("reasoning_content", split.thought()));
            }
            if (!split.content().isEmpty()) {
                take(parser == null ? List.of(new ToolCallParser.Piece(split.content(), null, null)) : parser.append(split.content()));
            }
        }

        private void take(List<ToolCallParser.Piece> pieces) {
            for (ToolCallParser.Piece piece : pieces) {
                if (piece.content() != null) {
                    content.append(piece.content());
                    stream(new Json.Obj().put("content", piece.content()));
                } else if (piece.name() != null) {
                    begin(piece.name());
                } else if (arguments != null) {
                    arguments.append(piece.arguments());
                    streamCall(new Json.Obj().put("index", toolCalls.size() - 1).put("function", new Json.Obj().put("arguments", piece.arguments())));
                }
            }
        }

        private void begin(String name) {
            completeCall();
            if (toolCalls.size() > 0 && !request.tools().parallel()) {
                enough = true;
                return;
            }
            arguments = new StringBuilder();
            String id = random.id("call_");
            toolCalls.add(new Json.Obj().put("id", id).put("type", "function").put("function", new Json.Obj().put("name", name)));
            streamCall(new Json.Obj().put("index", toolCalls.size() - 1).put("id", id).put("type", "function")
                .put("function", new Json.Obj().put("name", name).put("arguments", "")));
        }

        private void completeCall() {
            if (arguments != null) {
                Json.Obj call = (Json.Obj) toolCalls.get(toolCalls.size() - 1);
                ((Json.Obj) call.get("function")).put("arguments", arguments.toString());
                arguments = null;
            }
        }

        private void streamCall(Json.Obj call) {
            stream(new Json.Obj().put("tool_calls", new Json.Arr().add(call)));
        }

        /** The role comes with the first chunk and no other. */
        private void open() {
            if (!opened) {
                opened = true;
                stream(new Json.Obj().put("role", "assistant").put("content", "").put("refusal", Json.NULL));
            }
        }

        /** The logprobs of a piece of text come with the first chunk that it makes. */
        private void stream(Json.Obj delta) {
            List<TokenLogprob> logprobs = pending;
            pending = List.of();
            if (options.stream()) {
                chunk(chunkChoice(delta, orNull(logprobs, !logprobs.isEmpty())));
            }
        }

        private Json.Obj chunkChoice(Json.Obj delta, Json logprobs) {
            return new Json.Obj().put("index", index).put("delta", delta).put("logprobs", logprobs).put("finish_reason", finishReason);
        }

        @Override
        public boolean hasEnough() {
            return enough;
        }

        @Override
        void finish(Finish reason, int[] tokens) {
            open();
            take(splitter.finish());
            if (parser != null) {
                take(parser.finish(reason == Finish.LENGTH));
            }
            completeCall();
            usage.addReasoning(thoughtTokens(tokens));
            finishReason = reason == Finish.LENGTH ? "length" : toolCalls.size() > 0 ? "tool_calls" : "stop";
        }

        /** How many of the reply's tokens its thoughts take, with their marks. */
        private int thoughtTokens(int[] tokens) {
            if (thoughts.isEmpty()) {
                return 0;
            }
            var again = new ThoughtSplitter(shape.thinking());
            var text = new TextStream(engine.model().tokenizer(), 0, shape.shape().shown());
            int count = 0;
            while (count < tokens.length && !again.isOver()) {
                again.append(text.append(tokens[count++]));
            }
            return count;
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
            if (!thoughts.isEmpty()) {
                message.put("reasoning_content", thoughts.toString());
            }
            if (toolCalls.size() > 0) {
                message.put("tool_calls", toolCalls);
            }
            return new Json.Obj().put("index", index).put("message", message).put("logprobs", orNull(allLogprobs, request.topLogprobs() >= 0))
                .put("finish_reason", finishReason);
        }
    }
}
