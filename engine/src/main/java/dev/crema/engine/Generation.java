package dev.crema.engine;

import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.device.Batch;
import dev.crema.device.Sequence;
import dev.crema.engine.GenerationListener.Finish;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.sampling.SampleSpec;
import dev.crema.sampling.Sampler;
import dev.crema.sampling.TokenMask;
import dev.crema.tokenizer.TextStream;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One text on its way: its tokens, its place in the KV cache, and what its listener has heard. */
final class Generation {
    final GenerationRequest request;
    /** Prompt and reply so far. The last token is not in the KV cache yet. */
    final TokenList tokens;
    /** How those in the KV cache were computed, and how those are to be computed again that once were there. */
    final TokenForms forms = new TokenForms();
    /** Null while waiting. */
    Sequence sequence;
    /** Steps under way that sample a token of this text. */
    int ahead;

    private final GenerationListener listener;
    private final Model model;
    private final Clock clock;
    private final int maxTokens;
    private final TextStream text;
    private final StopMatcher stops;
    private final List<TokenLogprob> logprobs = new ArrayList<>();
    /** Where each of {@link #logprobs} starts in the reply's text. */
    private final List<Integer> logprobStarts = new ArrayList<>();
    private int textLength;
    private int emittedLength;
    private int cachedTokens;
    private final long submitted;
    private long started;
    private long firstToken;
    private boolean prefillsPrompt;
    private boolean ended;
    /** Which tokens may come next, or null for all. */
    private TokenMask mask;
    private long constraintNanos;
    private long lastBatch;
    private boolean held;

    Generation(GenerationRequest request, GenerationListener listener, Model model, int contextLength, Clock clock) {
        this.request = request;
        this.listener = listener;
        this.model = model;
        this.clock = clock;
        tokens = new TokenList(request.prompt());
        maxTokens = Math.min(request.maxTokens(), contextLength - request.prompt().length);
        text = new TextStream(model.tokenizer(), request.standsAlone() ? model.tokenizer().leadingSpaces() : 0, request.shown());
        stops = new StopMatcher(request.stops());
        submitted = clock.nanos();
        constrain();
    }

    /**
     * Starts on {@code sequence}, which already holds the first tokens; also again after a pre-emption. A prompt of which more than
     * {@code decodeRows} are left is computed in the form of prompts to its end, however it will be cut.
     */
    void start(Sequence sequence, int decodeRows) {
        this.sequence = sequence;
        if (started == 0) {
            started = clock.nanos();
            cachedTokens = sequence.length();
            prefillsPrompt = request.prompt().length - sequence.length() > decodeRows;
        }
    }

    /** Lets go of the KV cache; the tokens are kept and will be computed again. Steps under way that sample for it must not be read any more. */
    void preempt() {
        sequence.close();
        sequence = null;
        ahead = 0;
    }

    /** Tokens that are not in the KV cache yet: the rest of the prompt, or the one sampled last, which the host may not know. */
    int pendingTokens() {
        return tokens.size() + ahead - sequence.length();
    }

    /**
     * How many of the pending tokens may go into one step: those that were once computed in the same form, and then those that never were.
     */
    int nextTokenCount() {
        int at = sequence.length();
        return at < forms.size() ? Math.min(pendingTokens(), forms.runEnd(at) - at) : pendingTokens();
    }

    /** How many of the {@code count} tokens that have just come into the KV cache are of the prompt. */
    int promptTokensIn(int count) {
        return Math.max(0, count - Math.max(0, sequence.length() - request.prompt().length));
    }

    SlotStatus slot() {
        String state = sequence == null ? "waiting" : sequence.length() < request.prompt().length ? "prefill" : "decode";
        return new SlotStatus(state, request.prompt().length, cachedTokens, sequence == null ? 0 : sequence.length(), replyLength(), maxTokens,
            clock.nanos() - submitted);
    }

    /** Whether they are to be computed in the form of prompts. */
    boolean prefillsNext() {
        int at = sequence.length();
        return at < forms.size() ? forms.prefilled(at) : at < request.prompt().length && prefillsPrompt;
    }

    /** Tokens of {@code limit} that {@code next} begins with, too, and may take over: none that it once computed otherwise. */
    int commonPrefix(Generation next, int limit) {
        return next.commonPrefix(tokens, forms, limit);
    }

    int commonPrefix(TokenList otherTokens, TokenForms otherForms, int limit) {
        return forms.commonPrefix(otherForms, tokens.commonPrefix(otherTokens, limit));
    }

    /** The number of the last batch that this text was part of; 0 for none. */
    long lastBatch() {
        return lastBatch;
    }

    /** Its next {@code count} tokens are in this batch. */
    void batched(long batch, int count, boolean prefill) {
        lastBatch = batch;
        forms.set(sequence.length(), sequence.length() + count, prefill);
    }

    /** Looks whether its sender holds it: once a batch, since it may change at any time. */
    void look() {
        held = request.isHeld();
    }

    /** Whether it takes no part in the batch that is put together. */
    boolean held() {
        return held;
    }

    /** Whether a step can go on with what is pending; else it has to wait for steps under way. */
    boolean canStep() {
        return ahead == 0 || !request.needsHost() && replyLength() + ahead < maxTokens && sequence.hasSampled();
    }

    /** The next {@code count} pending tokens. */
    int[] nextTokens(int count) {
        int start = sequence.length();
        return ahead > 0 ? new int[] {Batch.SAMPLED} : tokens.slice(start, start + count);
    }

    /** Whether rows of logits have to be read. */
    boolean wantsLogits() {
        return request.topLogprobs() >= 0 || request.processor() != null;
    }

    /** How the device samples, or null where the host does it after the processor. */
    SampleSpec deviceSpec() {
        return request.processor() == null ? spec() : null;
    }

    private SampleSpec spec() {
        return new SampleSpec(request.sampling(), request.seed(), request.prompt().length, mask);
    }

    /** The token of a row: the device's, or what the host samples from the processed row. */
    int chosen(int token, float[] logits, int offset) {
        if (request.processor() == null) {
            return token;
        }
        float[] row = Arrays.copyOfRange(logits, offset, offset + model.graph().logits().channels());
        int[] text = tokens.slice(0, tokens.size());
        request.processor().process(text, row);
        return new Sampler().sample(row, 0, row.length, spec(), text.length, text, text.length);
    }

    /** Takes a sampled token; {@code logits} is null unless wanted. Ends the generation when a rule says so. */
    void accept(int token, float[] logits, int offset) {
        if (firstToken == 0) {
            firstToken = clock.nanos();
        }
        if (!request.ignoreEnd() && isEnd(token)) {
            end(Finish.STOP);
            return;
        }
        tokens.add(token);
        if (request.topLogprobs() >= 0) {
            int vocab = model.graph().logits().channels();
            logprobs.add(Logprobs.of(logits, offset, vocab, token, request.topLogprobs(), model.tokenizer()));
            logprobStarts.add(textLength);
        }
        String delta = text.append(token);
        textLength += delta.length();
        emit(stops.append(delta));
        if (stops.stopped() || listener.hasEnough()) {
            end(Finish.STOP);
        } else if (request.constraint() != null && request.constraint().ends(reply())) {
            end(Finish.STOP);
        } else if (replyLength() >= maxTokens) {
            end(Finish.LENGTH);
        } else {
            constrain();
        }
    }

    /** Once a token, and where an error is this text's own and no other's: not while a batch of several is put together. */
    private void constrain() {
        if (request.constraint() != null) {
            long start = clock.nanos();
            mask = request.constraint().next(reply());
            constraintNanos += clock.nanos() - start;
        }
    }

    /** Ends the text with what it has, as if the model had ended it. */
    void finish() {
        if (!ended) {
            end(Finish.STOP);
        }
    }

    void fail(CremaException error) {
        if (!ended) {
            ended = true;
            listener.onError(error);
        }
    }

    boolean ended() {
        return ended;
    }

    private void end(Finish reason) {
        ended = true;
        if (!stops.stopped()) {
            String rest = text.flush();
            textLength += rest.length();
            String delta = stops.append(rest);
            emit(stops.stopped() ? delta : delta + stops.flush());
        }
        int[] reply = reply();
        long now = clock.nanos();
        started = started == 0 ? now : started;
        firstToken = firstToken == 0 ? now : firstToken;
        listener.onFinish(stops.stopped() ? Finish.STOP : reason, reply, new GenerationStats(request.prompt().length, cachedTokens, reply.length, started - submitted,
            firstToken - started, now - firstToken, constraintNanos));
    }

    /** Passes text on, with the logprobs of the tokens that begin in it. */
    private void emit(String delta) {
        emittedLength += delta.length();
        int count = 0;
        while (count < logprobs.size() && (logprobStarts.get(count) < emittedLength || textLength == emittedLength && !stops.stopped())) {
            count++;
        }
        List<TokenLogprob> ready = List.copyOf(logprobs.subList(0, count));
        logprobs.subList(0, count).clear();
        logprobStarts.subList(0, count).clear();
        if (!delta.isEmpty() || !ready.isEmpty()) {
            listener.onText(delta, ready);
        }
    }

    private int[] reply() {
        return tokens.slice(request.prompt().length, tokens.size());
    }

    private int replyLength() {
        return tokens.size() - request.prompt().length;
    }

    private boolean isEnd(int token) {
        for (int end : model.endTokens()) {
            if (token == end) {
                return true;
            }
        }
        return false;
    }
}
