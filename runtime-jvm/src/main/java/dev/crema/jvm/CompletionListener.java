package dev.crema.jvm;

import dev.crema.CremaException;
import dev.crema.engine.GenerationListener;
import dev.crema.engine.GenerationStats;

import java.util.List;
import java.util.Locale;

/** Passes a raw generation on to whoever reads its stream. */
final class CompletionListener implements GenerationListener {
    private final ReplyStream<Completion> stream;
    private final StringBuilder text = new StringBuilder();

    CompletionListener(ReplyStream<Completion> stream) {
        this.stream = stream;
    }

    @Override
    public void onText(String delta, List<TokenLogprob> logprobs) {
        text.append(delta);
        stream.text(delta);
    }

    @Override
    public void onFinish(Finish reason, int[] tokens, GenerationStats stats) {
        stream.end(new Completion(text.toString(), tokens, reason.name().toLowerCase(Locale.ROOT), stats));
    }

    @Override
    public void onError(CremaException error) {
        stream.fail(error);
    }
}
