package dev.crema.jvm;

import dev.crema.Cancellation;
import dev.crema.json.Json;

import java.util.List;

/**
 * How to generate; null and 0 leave a choice to the model's own defaults. Immutable: each {@code with} method gives a copy.
 *
 * @param maxTokens    tokens of the reply at most; 0 for as many as the context holds
 * @param temperature  0 is greedy
 * @param seed         null for a new one each time
 * @param stop         texts that end the reply and are not part of it
 * @param cancellation raised from any thread to end the generation, or null; a flag belongs to one generation alone, which may raise it too
 */
public record GenerateOptions(int maxTokens, Double temperature, Integer topK, Double topP, Double minP, Long seed, List<String> stop,
        Cancellation cancellation) {
    public static final GenerateOptions DEFAULT = new GenerateOptions(0, null, null, null, null, null, List.of(), null);

    public GenerateOptions {
        stop = List.copyOf(stop);
    }

    public GenerateOptions withMaxTokens(int tokens) {
        return new GenerateOptions(tokens, temperature, topK, topP, minP, seed, stop, cancellation);
    }

    public GenerateOptions withTemperature(double value) {
        return new GenerateOptions(maxTokens, value, topK, topP, minP, seed, stop, cancellation);
    }

    public GenerateOptions withTopK(int value) {
        return new GenerateOptions(maxTokens, temperature, value, topP, minP, seed, stop, cancellation);
    }

    public GenerateOptions withTopP(double value) {
        return new GenerateOptions(maxTokens, temperature, topK, value, minP, seed, stop, cancellation);
    }

    public GenerateOptions withMinP(double value) {
        return new GenerateOptions(maxTokens, temperature, topK, topP, value, seed, stop, cancellation);
    }

    public GenerateOptions withSeed(long value) {
        return new GenerateOptions(maxTokens, temperature, topK, topP, minP, value, stop, cancellation);
    }

    public GenerateOptions withStop(String... texts) {
        return new GenerateOptions(maxTokens, temperature, topK, topP, minP, seed, List.of(texts), cancellation);
    }

    public GenerateOptions withCancellation(Cancellation flag) {
        return new GenerateOptions(maxTokens, temperature, topK, topP, minP, seed, stop, flag);
    }

    /** Adds what is set to an OpenAI request. */
    void addTo(Json.Obj request) {
        if (maxTokens > 0) {
            request.put("max_tokens", maxTokens);
        }
        if (temperature != null) {
            request.put("temperature", temperature);
        }
        if (topK != null) {
            request.put("top_k", (long) topK);
        }
        if (topP != null) {
            request.put("top_p", topP);
        }
        if (minP != null) {
            request.put("min_p", minP);
        }
        if (seed != null) {
            request.put("seed", seed);
        }
        if (!stop.isEmpty()) {
            var texts = new Json.Arr();
            stop.forEach(text -> texts.add(Json.of(text)));
            request.put("stop", texts);
        }
    }
}
