package dev.crema.api;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.engine.Engine;
import dev.crema.engine.GenerationListener;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.engine.GenerationRequest;
import dev.crema.engine.GenerationStats;
import dev.crema.json.Json;

import java.util.ArrayList;
import java.util.List;

/** One request on its way: a generation for each choice, and what they have in common. */
abstract class Call {
    /** Spreads the seeds of choices; any odd number with mixed bits will do. */
    private static final long SEED_STEP = 0x9E3779B97F4A7C15L;

    final Engine engine;
    final Envelope envelope;
    final CompletionOptions options;
    final Usage usage = new Usage();
    private final Shape shape;
    private final ReplySink sink;
    private final Cancellation cancellation;
    private final List<Choice> choices = new ArrayList<>();
    private int running;
    private boolean ended;

    Call(Engine engine, Envelope envelope, CompletionOptions options, Shape shape, ReplySink sink, Cancellation cancellation) {
        this.engine = engine;
        this.envelope = envelope;
        this.options = options;
        this.shape = shape;
        this.sink = sink;
        this.cancellation = cancellation;
    }

    /** One reply. Subclasses add the text in their own shape. */
    abstract class Choice implements GenerationListener {
        final int index;

        Choice(int index) {
            this.index = index;
            choices.add(this);
        }

        /** The choice as it stands in a whole reply. */
        abstract Json.Obj json();

        /** Takes the end of the text; a stream sends its last chunks but one. */
        abstract void finish(Finish reason, int[] tokens);

        /** The chunk that says why the choice ended. */
        abstract Json.Obj lastChunk();

        @Override
        public final void onFinish(Finish reason, int[] tokens, GenerationStats stats) {
            if (ended) {
                return;
            }
            usage.add(stats, index % repliesToPrompt() == 0);
            sink.finished(stats);
            finish(reason, tokens);
            running--;
            if (options.stream()) {
                finishStream(this);
            } else if (running == 0) {
                reply();
            }
        }

        @Override
        public final void onError(CremaException error) {
            fail(error);
        }
    }

    /** Queues all of {@code choices}; {@code prompts} has one for each. If one is refused, none runs. */
    void submit(List<int[]> prompts, int maxTokens, int topLogprobs, long seed, boolean standsAlone) {
        running = choices.size();
        if (shape.grammar() != null) {
            usage.addGrammar(shape.nanos());
        }
        for (int i = 0; i < choices.size(); i++) {
            var request = new GenerationRequest(prompts.get(i), maxTokens, options.sampling(), seed + i * SEED_STEP, options.stops(), false,
                topLogprobs, standsAlone, options.cachePrompt(), cancellation, shape.constraint(), null, shape.shown());
            try {
                engine.submit(request, choices.get(i));
            } catch (RuntimeException refused) {
                ended = true;
                cancellation.cancel();
                throw refused;
            }
        }
    }

    /** Ends all of {@code choices} without a token; {@code prompts} has one for each. */
    void finishAtOnce(List<int[]> prompts) {
        running = choices.size();
        for (int i = 0; i < choices.size(); i++) {
            choices.get(i).onFinish(GenerationListener.Finish.LENGTH, new int[0], new GenerationStats(prompts.get(i).length, 0, 0, 0, 0, 0, 0));
        }
    }

    /** Choices that have one prompt. */
    int repliesToPrompt() {
        return options.n();
    }

    /** The choices that the whole reply has, in order. */
    Json.Arr replies(List<Choice> all) {
        var replies = new Json.Arr();
        for (Choice choice : all) {
            replies.add(choice.json());
        }
        return replies;
    }

    final Cancellation cancellation() {
        return cancellation;
    }

    /** True once nothing more may be sent. */
    final boolean ended() {
        return ended;
    }

    /** OpenAI's name of the shape of a whole reply. */
    abstract String replyObject();

    /** OpenAI's name of the shape of a chunk. */
    abstract String chunkObject();

    private void reply() {
        ended = true;
        sink.reply(envelope.of(replyObject(), replies(choices)).put("usage", usage.json()).put("timings", usage.timings()).toString());
    }

    /** A chunk with one choice. Where usage was asked for, the chunks before the last say that they have none. */
    final void chunk(Json.Obj choice) {
        sink.chunk(chunkOf(choice).toString());
    }

    private Json.Obj chunkOf(Json.Obj choice) {
        Json.Obj chunk = envelope.of(chunkObject(), new Json.Arr().add(choice));
        return options.includeUsage() ? chunk.put("usage", Json.NULL) : chunk;
    }

    private void finishStream(Choice choice) {
        Json.Obj last = chunkOf(choice.lastChunk());
        if (running > 0) {
            sink.chunk(last.toString());
            return;
        }
        ended = true;
        sink.chunk(last.put("timings", usage.timings()).toString());
        if (options.includeUsage()) {
            sink.chunk(envelope.of(chunkObject(), new Json.Arr()).put("usage", usage.json()).put("timings", usage.timings()).toString());
        }
        sink.done();
    }

    /** Ends the whole request: its choices are of no use one by one. */
    final void fail(CremaException error) {
        if (ended) {
            return;
        }
        ended = true;
        cancellation.cancel();
        try {
            sink.error(error.code().status(), ApiError.of(error).json());
        } catch (RuntimeException receiverFailed) {
            // Most likely that failure is what ended the call: there is nobody left to tell, and the engine must go on for others.
            error.addSuppressed(receiverFailed);
        }
    }

    /** {@code null} where no logprobs were asked for. */
    static Json orNull(List<TokenLogprob> logprobs, boolean wanted) {
        return wanted ? LogprobJson.chat(logprobs) : Json.NULL;
    }
}
