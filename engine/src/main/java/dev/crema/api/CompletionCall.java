package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.engine.Engine;
import dev.crema.engine.GenerationListener.Finish;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/** A raw completion on its way: {@code n} continuations of each prompt. */
final class CompletionCall extends Call {
    private final CompletionRequest request;

    CompletionCall(Engine engine, Envelope envelope, CompletionRequest request, Shape shape, ReplySink sink, Cancellation cancellation) {
        super(engine, envelope, request.options(), shape, sink, cancellation);
        this.request = request;
    }

    /** {@code texts} are what to echo, one a prompt. */
    void start(List<int[]> prompts, List<String> texts, long seed) {
        var each = new ArrayList<int[]>();
        for (int p = 0; p < prompts.size(); p++) {
            for (int i = 0; i < options.n(); i++) {
                new Continuation(each.size(), texts.get(p));
                each.add(prompts.get(p));
            }
        }
        submit(each, request.maxTokens(), request.topLogprobs(), seed, false);
    }

    @Override
    String replyObject() {
        return "text_completion";
    }

    @Override
    String chunkObject() {
        return "text_completion";
    }

    private final class Continuation extends Choice {
        private final StringBuilder text = new StringBuilder();
        private final List<TokenLogprob> allLogprobs = new ArrayList<>();
        private final String echo;
        private boolean opened;
        private int logprobOffset;
        private String finishReason;

        Continuation(int index, String prompt) {
            super(index);
            echo = request.echo() ? prompt : "";
        }

        @Override
        public void onText(String delta, List<TokenLogprob> logprobs) {
            if (!ended()) {
                open();
                take(delta, logprobs);
            }
        }

        private void open() {
            if (!opened) {
                opened = true;
                if (!echo.isEmpty()) {
                    take(echo, List.of());
                }
            }
        }

        private void take(String delta, List<TokenLogprob> logprobs) {
            text.append(delta);
            allLogprobs.addAll(logprobs);
            if (options.stream()) {
                chunk(choice(delta, logprobs.isEmpty() ? Json.NULL : LogprobJson.completion(logprobs, logprobOffset)));
                for (TokenLogprob token : logprobs) {
                    logprobOffset += LogprobJson.length(LogprobJson.text(token));
                }
            }
        }

        private Json.Obj choice(String delta, Json logprobs) {
            return new Json.Obj().put("text", delta).put("index", index).put("logprobs", logprobs).put("finish_reason", finishReason);
        }

        @Override
        void finish(Finish reason) {
            open();
            finishReason = reason == Finish.LENGTH ? "length" : "stop";
        }

        @Override
        Json.Obj lastChunk() {
            return choice("", Json.NULL);
        }

        @Override
        Json.Obj json() {
            return choice(text.toString(), request.topLogprobs() >= 0 ? LogprobJson.completion(allLogprobs, 0) : Json.NULL);
        }
    }
}
