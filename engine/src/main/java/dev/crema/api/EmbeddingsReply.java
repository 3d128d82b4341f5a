package dev.crema.api;

import dev.crema.CremaException;
import dev.crema.engine.EmbeddingListener;
import dev.crema.json.Json;

import java.util.Base64;
import java.util.List;

/** Writes the reply to a request for embeddings. */
final class EmbeddingsReply implements EmbeddingListener {
    private final EmbeddingsRequest request;
    private final String model;
    private final List<int[]> texts;
    private final ReplySink sink;

    EmbeddingsReply(EmbeddingsRequest request, String model, List<int[]> texts, ReplySink sink) {
        this.request = request;
        this.model = model;
        this.texts = texts;
        this.sink = sink;
    }

    @Override
    public void onEmbeddings(float[][] vectors) {
        var data = new Json.Arr();
        for (int i = 0; i < vectors.length; i++) {
            float[] vector = request.dimensions() == 0 ? vectors[i] : shortened(vectors[i], request.dimensions());
            data.add(new Json.Obj().put("object", "embedding").put("index", i).put("embedding", request.base64() ? base64(vector) : numbers(vector)));
        }
        long tokens = 0;
        for (int[] text : texts) {
            tokens += text.length;
        }
        sink.reply(new Json.Obj().put("object", "list").put("data", data).put("model", model)
            .put("usage", new Json.Obj().put("prompt_tokens", tokens).put("total_tokens", tokens)).toString());
    }

    /** The first numbers, of length 1 again: what models trained for it (Matryoshka, arXiv 2205.13147) are cut to. */
    static float[] shortened(float[] vector, int dimensions) {
        double squares = 0;
        for (int i = 0; i < dimensions; i++) {
            squares += (double) vector[i] * vector[i];
        }
        double scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
        float[] shorter = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            shorter[i] = (float) (vector[i] * scale);
        }
        return shorter;
    }

    private static Json numbers(float[] vector) {
        var numbers = new Json.Arr();
        for (float value : vector) {
            numbers.add(Json.of(Double.parseDouble(Float.toString(value))));
        }
        return numbers;
    }

    private static Json base64(float[] vector) {
        byte[] bytes = new byte[4 * vector.length];
        for (int i = 0; i < vector.length; i++) {
            int bits = Float.floatToIntBits(vector[i]);
            for (int j = 0; j < 4; j++) {
                bytes[4 * i + j] = (byte) (bits >> 8 * j);
            }
        }
        return new Json.Str(Base64.getEncoder().encodeToString(bytes));
    }

    @Override
    public void onError(CremaException error) {
        sink.error(error.code().status(), ApiError.of(error).json());
    }
}
