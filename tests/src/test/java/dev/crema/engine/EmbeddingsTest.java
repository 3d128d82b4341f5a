package dev.crema.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.crema.Cancellation;
import dev.crema.Clock;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.Progress;
import dev.crema.device.Batch;
import dev.crema.device.Device;
import dev.crema.device.Executable;
import dev.crema.device.KvPool;
import dev.crema.device.Limits;
import dev.crema.device.Step;
import dev.crema.graph.Graph;
import dev.crema.graph.Value;
import dev.crema.json.Json;
import dev.crema.quant.Quant;
import dev.crema.reference.ReferenceDevice;
import dev.crema.tensor.DType;
import dev.crema.testing.Goldens;
import dev.crema.testing.HostDevices;
import dev.crema.testing.MemoryFiles;
import dev.crema.testing.TokenRunner;
import dev.crema.tokenizer.Tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

import org.junit.jupiter.api.Test;

/** Embeddings of the embedded model: what they are of, and that neither neighbours nor pieces nor a lost device show in them. */
class EmbeddingsTest {
    private static final Path FOLDER = Goldens.path("..").resolve("../models/crema-tiny").normalize();
    private static final String LONG = "The quick brown fox jumps over the lazy dog, and then it does so again. ".repeat(2);
    private static final List<String> TEXTS = List.of("Hello!", LONG, "What is the capital of France?", LONG + "b");

    private static final class Heard implements EmbeddingListener {
        float[][] vectors;
        CremaException error;

        @Override
        public void onEmbeddings(float[][] all) {
            vectors = all;
        }

        @Override
        public void onError(CremaException failure) {
            error = failure;
        }
    }

    private static Model model(String pooling) {
        Model model = ModelLoader.awaitOpen(MemoryFiles.read(FOLDER), null, 0);
        if (pooling != null) {
            model.checkpoint().config().put("pooling", pooling);
        }
        return model;
    }

    private static Engine engine(Model model, Device device, int prefillChunk) {
        var options = new EngineOptions(0, 8, 16, prefillChunk, 0, DType.F32, 1);
        return ModelLoader.awaitLoad(model, device, options, Clock.SYSTEM, Progress.NONE, new Cancellation());
    }

    private static Heard submit(Engine engine, Cancellation cancellation, List<String> texts) {
        var tokens = new ArrayList<int[]>();
        for (String text : texts) {
            tokens.add(engine.model().tokenizer().encode(text, Tokenizer.Special.TEXT));
        }
        var heard = new Heard();
        engine.submit(new EmbeddingRequest(tokens, cancellation), heard);
        return heard;
    }

    private static void run(Engine engine) {
        for (int i = 0; engine.hasWork(); i++) {
            assertTrue(i < 1000, "the engine does not end");
            engine.awaitStep();
        }
    }

    private static float[][] embed(Engine engine, List<String> texts) {
        Heard heard = submit(engine, new Cancellation(), texts);
        run(engine);
        if (heard.error != null) {
            throw heard.error;
        }
        return heard.vectors;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** With the last token pooled, a vector is the direction in which the head sees the next token. */
    @Test
    void theLastHiddenStateHasTheNextToken() {
        for (Supplier<Device> supplier : HostDevices.all().values()) {
            try (Device device = supplier.get(); Device second = supplier.get(); Engine engine = engine(model("last"), device, 64)) {
                float[][] vectors = embed(engine, TEXTS);
                float[] table = table(engine.model());
                int hidden = engine.embeddingSize();
                for (int t = 0; t < TEXTS.size(); t++) {
                    int[] tokens = engine.model().tokenizer().encode(TEXTS.get(t), Tokenizer.Special.TEXT);
                    try (var runner = new TokenRunner(engine.model().checkpoint(), second, 320)) {
                        float[][] logits = null;
                        for (int from = 0; from < tokens.length; from += TokenRunner.MAX_TOKENS) {
                            logits = runner.logits(Arrays.copyOfRange(tokens, from, Math.min(tokens.length, from + TokenRunner.MAX_TOKENS)));
                        }
                        assertProportional(logits[logits.length - 1], vectors[t], table, hidden);
                    }
                }
            }
        }
    }

    private static float[] table(Model model) {
        Json.Obj config = model.checkpoint().config();
        String name = Json.TRUE.equals(config.get("tie_word_embeddings")) || !model.checkpoint().tensors().containsKey("lm_head.weight")
            ? "model.embed_tokens.weight" : "lm_head.weight";
        var entry = model.checkpoint().tensors().get(name);
        byte[] bytes = new byte[(int) entry.bytes().length()];
        entry.bytes().awaitRead(0, bytes, 0, bytes.length);
        float[] floats = new float[(int) entry.shape().elements()];
        Quant.dequantize(entry.dtype(), bytes, 0, floats, 0, floats.length);
        return floats;
    }

    private static void assertProportional(float[] logits, float[] vector, float[] table, int hidden) {
        float[] ours = new float[logits.length];
        for (int token = 0; token < logits.length; token++) {
            for (int i = 0; i < hidden; i++) {
                ours[token] += vector[i] * table[token * hidden + i];
            }
        }
        double cosine = dot(logits, ours) / Math.sqrt(dot(logits, logits) * dot(ours, ours));
        assertEquals(1, cosine, 1e-4);
    }

    @Test
    void vectorsHaveLengthOneAndDevicesAgree() {
        float[][] first = null;
        for (Map.Entry<String, Supplier<Device>> supplier : HostDevices.all().entrySet()) {
            try (Device device = supplier.getValue().get(); Engine engine = engine(model(null), device, 64)) {
                float[][] vectors = embed(engine, TEXTS);
                for (int i = 0; i < vectors.length; i++) {
                    assertEquals(engine.embeddingSize(), vectors[i].length);
                    assertEquals(1, dot(vectors[i], vectors[i]), 1e-5);
                    assertTrue(first == null || dot(first[i], vectors[i]) > 0.9999, supplier.getKey() + " text " + i);
                }
                assertTrue(dot(vectors[0], vectors[1]) < 0.999, "different texts, different vectors");
                first = vectors;
            }
        }
    }

    @Test
    void neitherNeighboursNorPiecesShow() {
        try (Device device = new ReferenceDevice(); Engine whole = engine(model(null), device, 256)) {
            float[][] together = embed(whole, TEXTS);
            try (Engine pieces = engine(model(null), device, 16)) {
                for (int i = 0; i < TEXTS.size(); i++) {
                    assertArrayEquals(together[i], embed(pieces, List.of(TEXTS.get(i)))[0], 1e-5f, "text " + i);
                }
            }
        }
    }

    /** Tokens of a prompt are as likely as the logits before them say, in pieces or not. */
    @Test
    void scoresAreOfTheLogitsBefore() {
        for (Supplier<Device> supplier : HostDevices.all().values()) {
            try (Device device = supplier.get(); Device second = supplier.get(); Engine engine = engine(model(null), device, 64)) {
                int[] tokens = Arrays.copyOf(engine.model().tokenizer().encode(LONG, Tokenizer.Special.TEXT), 40);
                var scores = new ArrayList<List<GenerationListener.TokenLogprob>>();
                engine.score(List.of(new int[] {5}, tokens), 2, new Cancellation(), new ScoreListener() {
                    @Override
                    public void onScores(List<List<GenerationListener.TokenLogprob>> texts) {
                        scores.addAll(texts);
                    }

                    @Override
                    public void onError(CremaException error) {
                        throw error;
                    }
                });
                run(engine);
                assertEquals(List.of(1, 40), List.of(scores.get(0).size(), scores.get(1).size()));
                try (var runner = new TokenRunner(engine.model().checkpoint(), second, 320)) {
                    float[][] logits = runner.logits(tokens);
                    assertTrue(Float.isNaN(scores.get(1).get(0).logprob()));
                    for (int i = 1; i < tokens.length; i++) {
                        var expected = Logprobs.of(logits[i - 1], 0, logits[i - 1].length, tokens[i], 2, engine.model().tokenizer());
                        assertEquals(tokens[i], scores.get(1).get(i).token());
                        assertEquals(expected.logprob(), scores.get(1).get(i).logprob(), 2e-2, "token " + i);
                        assertEquals(2, scores.get(1).get(i).top().size());
                    }
                }
            }
        }
    }

    @Test
    void cancellingOneLeavesTheOthers() {
        try (Device device = new ReferenceDevice(); Engine engine = engine(model(null), device, 16)) {
            var cancellation = new Cancellation();
            Heard first = submit(engine, cancellation, List.of(LONG, LONG));
            Heard second = submit(engine, new Cancellation(), List.of("Hello!"));
            engine.awaitStep();
            cancellation.cancel();
            run(engine);
            assertEquals(ErrorCode.CANCELLED, first.error.code());
            assertEquals(1, second.vectors.length);
        }
    }

    @Test
    void closingEndsWhatWaits() {
        try (Device device = new ReferenceDevice()) {
            Engine engine = engine(model(null), device, 16);
            Heard heard = submit(engine, new Cancellation(), List.of(LONG));
            engine.awaitStep();
            engine.close();
            assertEquals(ErrorCode.CLOSED, heard.error.code());
            assertFalse(engine.hasWork());
        }
    }

    @Test
    void textsThatAreTooLongAndPoolingsThatAreUnknownAreRefused() {
        try (Device device = new ReferenceDevice(); Engine engine = engine(model(null), device, 16)) {
            int[] tooLong = new int[engine.contextLength() + 1];
            var error = assertThrows(CremaException.class,
                () -> engine.submit(new EmbeddingRequest(List.of(tooLong), new Cancellation()), new Heard()));
            assertEquals(ErrorCode.CONTEXT_LENGTH_EXCEEDED, error.code());
            assertEquals("input", error.param());
            try (Engine ranks = engine(model("rank"), device, 16)) {
                assertEquals(ErrorCode.UNSUPPORTED_MODEL, assertThrows(CremaException.class, ranks::embeddingSize).code());
            }
        }
    }

    /** The second executable of embeddings fails once; the engine moves to another device and starts the text again. */
    @Test
    void aLostDeviceDoesNotShow() {
        Model model = model(null);
        var device = new ReferenceDevice();
        var options = new EngineOptions(0, 8, 16, 16, 0, DType.F32, 1);
        Limits limits = ModelLoader.limits(model, device, options);
        var source = new ExecutableSource() {
            private int compiled;
            private int replaced;

            @Override
            public Executable awaitExecutable(CremaException failure) {
                replaced++;
                return ModelLoader.awaitExecutable(model, device, limits, Progress.NONE, new Cancellation());
            }

            @Override
            public Executable awaitCompile(Graph graph, Limits wanted) {
                Executable made = device.awaitCompile(graph, wanted, Progress.NONE);
                return compiled++ == 0 ? new Failing(made, 2) : made;
            }
        };
        try (device; Engine engine = new Engine(model, source.awaitExecutable(null), options, Clock.SYSTEM, source)) {
            float[][] expected = embed(engine(model(null), device, 16), List.of("Hello!", LONG));
            assertArrayEquals(expected, embed(engine, List.of("Hello!", LONG)));
            assertEquals(2, source.replaced);
        }
    }

    /** Loses its device at the n-th step. */
    private static final class Failing implements Executable {
        private final Executable inner;
        private int left;

        Failing(Executable inner, int left) {
            this.inner = inner;
            this.left = left;
        }

        @Override
        public Limits limits() {
            return inner.limits();
        }

        @Override
        public KvPool kvPool() {
            return inner.kvPool();
        }

        @Override
        public void write(Value value, float[] data) {
            inner.write(value, data);
        }

        @Override
        public float[] awaitRead(Value value) {
            return inner.awaitRead(value);
        }

        @Override
        public Step submit(Batch batch) {
            if (--left == 0) {
                throw new CremaException(ErrorCode.DEVICE_LOST, "gone", "");
            }
            return inner.submit(batch);
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
