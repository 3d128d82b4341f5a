package dev.crema.onnx;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.crema.Cancellation;
import dev.crema.api.ReplySink;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;
import dev.crema.jvm.Crema;
import dev.crema.tokenizer.Tokenizer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.io.InputStream;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Published encoders, from the text to the vector: Crema's {@code /v1/embeddings} against ONNX Runtime on the model's own ONNX file, and its tokenizer
 * against Hugging Face's. Weights and tokenizers are those in langchain4j's artifacts.
 */
class RealEncodersTest {
    static {
        // Else it looks into the home folder and, for other builds of its library, into the network.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("DJL_CACHE_DIR", Path.of("target/djl").toAbsolutePath().toString());
    }

    private static final double TOLERANCE = 1e-5;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"all-minilm-l6-v2,mean", "bge-small-en-v1.5,cls", "e5-small-v2,mean"})
    void vectorsAreOnnxRuntimes(String name, String pooling) throws IOException, OrtException {
        Path onnx = folder.resolve("model.onnx");
        byte[] tokenizerJson;
        try (InputStream weights = resource(name + ".onnx"); InputStream tokenizer = resource(name + "-tokenizer.json")) {
            Files.copy(weights, onnx);
            tokenizerJson = tokenizer.readAllBytes();
        }
        Path model = folder.resolve(name);
        OnnxEncoder.write(onnx, tokenizerJson, pooling, model);
        var options = Map.of("truncation", "false", "padding", "false");
        try (var theirs = HuggingFaceTokenizer.newInstance(model.resolve("tokenizer.json"), options);
                Crema crema = Crema.loader().model(model.toString()).device("vector").load()) {
            for (String text : EncoderTexts.toTokenize()) {
                int[] expected = Arrays.stream(theirs.encode(text).getIds()).mapToInt(Math::toIntExact).toArray();
                assertArrayEquals(expected, encode(crema.model().tokenizer(), text), name + ": " + new Json.Str(text));
            }
            compare(crema, theirs, onnx, pooling);
        }
    }

    private static InputStream resource(String name) {
        return RealEncodersTest.class.getResourceAsStream("/" + name);
    }

    private static int[] encode(Tokenizer tokenizer, String text) {
        int[] ids = tokenizer.encode(text, Tokenizer.Special.PARSE);
        int[] all = new int[ids.length + 2];
        all[0] = tokenizer.bos();
        System.arraycopy(ids, 0, all, 1, ids.length);
        all[ids.length + 1] = tokenizer.suffix();
        return all;
    }

    private static void compare(Crema crema, HuggingFaceTokenizer tokenizer, Path onnx, String pooling) throws OrtException {
        List<String> texts = EncoderTexts.toEmbed();
        float[][] actual = embed(crema, texts);
        try (var settings = new OrtSession.SessionOptions()) {
            settings.setIntraOpNumThreads(2);
            settings.addConfigEntry("session.intra_op.allow_spinning", "0");
            var environment = OrtEnvironment.getEnvironment();
            try (OrtSession session = environment.createSession(onnx.toString(), settings)) {
                for (int t = 0; t < texts.size(); t++) {
                    float[] expected = pooled(environment, session, tokenizer.encode(texts.get(t)).getIds(), pooling);
                    double dot = 0;
                    for (int i = 0; i < expected.length; i++) {
                        dot += (double) expected[i] * actual[t][i];
                        assertEquals(expected[i], actual[t][i], TOLERANCE, "text " + t + " channel " + i);
                    }
                    assertEquals(1, dot, 1e-6, "cosine of text " + t);
                }
            }
        }
    }

    private static float[] pooled(OrtEnvironment environment, OrtSession session, long[] ids, String pooling) throws OrtException {
        assertTrue(ids.length <= 512, "the model has 512 positions");
        long[] shape = {1, ids.length};
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        try (var tokens = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                var mask = OnnxTensor.createTensor(environment, LongBuffer.wrap(ones), shape);
                var types = OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
                var result = session.run(Map.of("input_ids", tokens, "attention_mask", mask, "token_type_ids", types))) {
            float[][] states = ((float[][][]) result.get(0).getValue())[0];
            double[] sum = new double[states[0].length];
            double squares = 0;
            for (int i = 0; i < sum.length; i++) {
                for (int row = 0; row < (pooling.equals("cls") ? 1 : states.length); row++) {
                    sum[i] += states[row][i];
                }
                squares += sum[i] * sum[i];
            }
            float[] vector = new float[sum.length];
            for (int i = 0; i < vector.length; i++) {
                vector[i] = (float) (sum[i] / Math.sqrt(squares));
            }
            return vector;
        }
    }

    /** As a client gets them, one request a text; the API has no empty text, but its tokens. */
    private static float[][] embed(Crema crema, List<String> texts) {
        float[][] vectors = new float[texts.size()][];
        for (int t = 0; t < vectors.length; t++) {
            String text = texts.get(t);
            Tokenizer tokenizer = crema.model().tokenizer();
            Json input = text.isEmpty() ? new Json.Arr().add(Json.of((long) tokenizer.bos())).add(Json.of((long) tokenizer.suffix())) : new Json.Str(text);
            var reply = new Reply();
            crema.handle("/v1/embeddings", new Json.Obj().put("model", crema.model().checkpoint().name()).put("input", input).toString(), reply,
                new Cancellation());
            var data = (Json.Arr) JsonParser.parseObject(reply.json.orTimeout(100, TimeUnit.SECONDS).join()).get("data");
            var vector = (Json.Arr) ((Json.Obj) data.get(0)).get("embedding");
            vectors[t] = new float[vector.size()];
            for (int i = 0; i < vector.size(); i++) {
                vectors[t][i] = (float) ((Json.Num) vector.get(i)).doubleValue();
            }
        }
        return vectors;
    }

    private static final class Reply implements ReplySink {
        final CompletableFuture<String> json = new CompletableFuture<>();

        @Override
        public void reply(String text) {
            json.complete(text);
        }

        @Override
        public void chunk(String text) {
            error(0, text);
        }

        @Override
        public void done() { }

        @Override
        public void error(int status, String text) {
            json.completeExceptionally(new IllegalStateException(status + " " + text));
        }
    }
}
