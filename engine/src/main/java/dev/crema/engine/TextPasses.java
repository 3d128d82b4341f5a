package dev.crema.engine;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.GenerationListener.TokenLogprob;
import dev.crema.graph.Graph;

import java.util.ArrayList;
import java.util.List;

/** What an engine computes of whole texts: embeddings, and how likely the model finds their tokens. */
final class TextPasses implements AutoCloseable {
    /** OpenAI's limit for one text to embed; longer contexts would need a KV cache of that length. */
    private static final int MAX_TEXT_TOKENS = 8192;
    /** Rows of logits are long: so many are computed and read at once. */
    private static final int SCORED_ROWS = 32;

    private final Model model;
    private final EngineOptions options;
    private final int contextLength;
    private final List<TextPass> passes = new ArrayList<>();
    /** Null until they are asked for. */
    private TextPass embeddings;
    private TextPass scores;

    TextPasses(Model model, EngineOptions options, int contextLength) {
        this.model = model;
        this.options = options;
        this.contextLength = contextLength;
    }

    /** Numbers in an embedding; UNSUPPORTED_MODEL where the model has no hidden states to pool. */
    int embeddingSize() {
        return embeddings().channels();
    }

    private TextPass embeddings() {
        if (embeddings == null) {
            Graph graph = HiddenStates.of(model.graph());
            Pooling.of(model.checkpoint().config());
            int textTokens = Math.min(contextLength, MAX_TEXT_TOKENS);
            // Without a KV cache, or where tokens see those after them, a text has to be computed whole.
            int stepTokens = graph.kv() == null || !HiddenStates.isCausal(graph) ? textTokens : Math.min(textTokens, options.prefillChunk());
            embeddings = new TextPass(graph, graph.outputs().get(0), stepTokens, textTokens, options.kvType());
            passes.add(embeddings);
        }
        return embeddings;
    }

    void add(EmbeddingRequest request, EmbeddingListener listener) {
        Pooling pooling = Pooling.of(model.checkpoint().config());
        embeddings().add(new Embedding(request, listener, pooling, embeddingSize()), options.maxQueued(), "input");
    }

    /** Scores texts; the listener hears of each token {@code top} alternatives. */
    void add(List<int[]> texts, int top, Cancellation cancellation, ScoreListener listener) {
        if (scores == null) {
            if (model.graph().logits() == null) {
                throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model is for embeddings and has no logits.", "Load a model that writes text.");
            }
            scores = new TextPass(model.graph(), model.graph().logits(), SCORED_ROWS, contextLength, options.kvType());
            passes.add(scores);
        }
        scores.add(new Scoring(texts, cancellation, listener, model, top), options.maxQueued(), "prompt");
    }

    boolean hasWork() {
        for (TextPass pass : passes) {
            if (pass.hasWork()) {
                return true;
            }
        }
        return false;
    }

    /** One step of each that has work. */
    void awaitStep(ExecutableSource source) {
        for (TextPass pass : passes) {
            pass.awaitStep(source);
        }
    }

    void lose() {
        passes.forEach(TextPass::lose);
    }

    void failAll(CremaException error) {
        for (TextPass pass : passes) {
            pass.failAll(error);
        }
    }

    @Override
    public void close() {
        passes.forEach(TextPass::close);
    }

    private static final class Embedding extends TextPass.Job {
        private final EmbeddingListener listener;
        private final Pooling pooling;
        private final int size;
        private final float[][] vectors;

        Embedding(EmbeddingRequest request, EmbeddingListener listener, Pooling pooling, int size) {
            super(request.texts(), request.cancellation());
            this.listener = listener;
            this.pooling = pooling;
            this.size = size;
            vectors = new float[request.texts().size()][];
        }

        @Override
        TextPass.Taker begin(int text) {
            return pooling.newPool(size);
        }

        @Override
        void end(int text, TextPass.Taker pool) {
            vectors[text] = ((Pooling.Pool) pool).vector();
        }

        @Override
        void finish() {
            listener.onEmbeddings(vectors);
        }

        @Override
        void fail(CremaException error) {
            listener.onError(error);
        }
    }

    private static final class Scoring extends TextPass.Job {
        private final ScoreListener listener;
        private final Model model;
        private final int top;
        private final List<List<TokenLogprob>> logprobs = new ArrayList<>();

        Scoring(List<int[]> texts, Cancellation cancellation, ScoreListener listener, Model model, int top) {
            super(texts, cancellation);
            this.listener = listener;
            this.model = model;
            this.top = top;
        }

        @Override
        TextPass.Taker begin(int text) {
            return new Scores(texts.get(text));
        }

        @Override
        void end(int text, TextPass.Taker scores) {
            logprobs.add(((Scores) scores).logprobs);
        }

        @Override
        void finish() {
            listener.onScores(logprobs);
        }

        @Override
        void fail(CremaException error) {
            listener.onError(error);
        }

        /** A row of logits says how likely the token after it is; nothing says it of the first. */
        private final class Scores implements TextPass.Taker {
            private final int[] tokens;
            private final List<TokenLogprob> logprobs = new ArrayList<>();

            Scores(int[] tokens) {
                this.tokens = tokens;
                logprobs.add(new TokenLogprob(tokens[0], model.tokenizer().bytes(tokens[0]), Float.NaN, List.of()));
            }

            @Override
            public void take(float[] logits, int first, int count) {
                int vocab = model.graph().logits().channels();
                for (int row = first; row < first + count && logprobs.size() < tokens.length; row++) {
                    logprobs.add(Logprobs.of(logits, row * vocab, vocab, tokens[logprobs.size()], top, model.tokenizer()));
                }
            }
        }
    }
}
