package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.engine.Engine;
import dev.crema.engine.GenerationListener.Finish;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.engine.ScoreListener;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** A raw completion on its way: {@code n} continuations of each prompt. */
final class CompletionCall extends Call {
    private final CompletionRequest request;

    CompletionCall(Engine engine, Envelope envelope, CompletionRequest request, Shape shape, ReplySink sink, Cancellation cancellation) {
        super(engine, envelope, request.options(), shape, sink, cancellation);
        this.request = request;
    }

    /** {@code texts} are what to echo, one a prompt; {@code begun} says of each whether its first token is the begin token and no part of it. */
    void start(List<int[]> prompts, List<String> texts, List<Boolean> begun, long seed) {
        if (!request.echo() || request.topLogprobs() < 0) {
            start(prompts, texts, null, begun, seed);
            return;
        }
        engine.score(prompts, request.topLogprobs(), cancellation(), new ScoreListener() {
            @Override
            public void onScores(List<List<TokenLogprob>> scores) {
                try {
                    start(prompts, texts, scores, begun, seed);
                } catch (CremaException refused) {
                    fail(refused);
                }
            }

            @Override
            public void onError(CremaException error) {
                fail(error);
            }
        });
    }

    private void start(List<int[]> prompts, List<String> texts, List<List<TokenLogprob>> scores, List<Boolean> begun, long seed) {
        var each = new ArrayList<int[]>();
        for (int p = 0; p < prompts.size(); p++) {
            List<TokenLogprob> echoed = scores == null ? List.of() : scores.get(p).subList(begun.get(p) ? 1 : 0, scores.get(p).size());
            for (int i = 0; i < request.bestOf(); i++) {
                new Continuation(each.size(), texts.get(p), echoed);
                each.add(prompts.get(p));
            }
        }
        if (request.maxTokens() == 0) {
            finishAtOnce(each);
        } else {
            // Which reply is best is a matter of logprobs, asked for or not.
            submit(each, request.maxTokens(), request.bestOf() > options.n() ? Math.max(0, request.topLogprobs()) : request.topLogprobs(), seed, false);
        }
    }

    @Override
    int repliesToPrompt() {
        return request.bestOf();
    }

    /** Of each prompt's replies the {@code n} with the highest mean log-probability of a token, best first. */
    @Override
    Json.Arr replies(List<Choice> all) {
        if (request.bestOf() == options.n()) {
            return super.replies(all);
        }
        var replies = new Json.Arr();
        for (int first = 0; first < all.size(); first += request.bestOf()) {
            List<Choice> ranked = new ArrayList<>(all.subList(first, first + request.bestOf()));
            ranked.sort(Comparator.comparingDouble(choice -> -((Continuation) choice).meanLogprob()));
            for (Choice choice : ranked.subList(0, options.n())) {
                replies.add(choice.json().put("index", replies.size()));
            }
        }
        return replies;
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
        private final List<TokenLogprob> echoLogprobs;
        private boolean opened;
        private int logprobOffset;
        private String finishReason;

        Continuation(int index, String prompt, List<TokenLogprob> promptLogprobs) {
            super(index);
            echo = request.echo() ? prompt : "";
            echoLogprobs = promptLogprobs;
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
                    take(echo, echoLogprobs);
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

        double meanLogprob() {
            double sum = 0;
            for (TokenLogprob token : allLogprobs.subList(echoLogprobs.size(), allLogprobs.size())) {
                sum += token.logprob();
            }
            return sum / Math.max(1, allLogprobs.size() - echoLogprobs.size());
        }

        private Json.Obj choice(String delta, Json logprobs) {
            return new Json.Obj().put("text", delta).put("index", index).put("logprobs", logprobs).put("finish_reason", finishReason);
        }

        @Override
        void finish(Finish reason, int[] tokens) {
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
