package dev.crema.jvm;

import dev.crema.Cancellation;
import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.engine.GenerationRequest;
import dev.crema.engine.Model;
import dev.crema.json.Json;
import dev.crema.sampling.SamplingParams;
import dev.crema.tokenizer.Tokenizer;

import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** From a raw prompt and options to the engine's request; what the options leave open comes from the model's generation_config.json. */
final class CompletionRequests {
    private CompletionRequests() { }

    static GenerationRequest of(Model model, String prompt, GenerateOptions options, Cancellation cancellation) {
        long seed = options.seed() == null ? ThreadLocalRandom.current().nextLong() : options.seed();
        int maxTokens = options.maxTokens() == 0 ? Integer.MAX_VALUE : options.maxTokens();
        return new GenerationRequest(encode(model.tokenizer(), prompt), maxTokens, sampling(model.defaults(), options), seed, options.stop(),
            false, -1, false, true, cancellation);
    }

    /** The prompt's ids; the begin token goes in front where the tokenizer wants it and the prompt does not begin with it. */
    private static int[] encode(Tokenizer tokenizer, String prompt) {
        int[] ids = tokenizer.encode(prompt, Tokenizer.Special.PARSE);
        int bos = tokenizer.bos();
        if (!tokenizer.addsBos() || bos < 0 || (ids.length > 0 && ids[0] == bos)) {
            return ids;
        }
        int[] withBos = new int[ids.length + 1];
        withBos[0] = bos;
        System.arraycopy(ids, 0, withBos, 1, ids.length);
        return withBos;
    }

    /** A model's own defaults, else OpenAI's (temperature 1, no filter): the same as over HTTP. */
    static SamplingParams sampling(Json.Obj defaults, GenerateOptions options) {
        double otherwise = Json.FALSE.equals(defaults.get("do_sample")) ? 0 : number(defaults, "temperature", 1);
        double temperature = options.temperature() != null ? options.temperature() : otherwise;
        double topK = options.topK() != null ? options.topK() : number(defaults, "top_k", 0);
        double topP = options.topP() != null ? options.topP() : number(defaults, "top_p", 1);
        double minP = options.minP() != null ? options.minP() : number(defaults, "min_p", 0);
        require(temperature >= 0 && temperature <= 100, "temperature", temperature, "from 0 to 100");
        require(topK >= 0, "top_k", topK, "0 (all) or more");
        require(topP > 0 && topP <= 1, "top_p", topP, "above 0 and at most 1");
        require(minP >= 0 && minP <= 1, "min_p", minP, "from 0 to 1");
        return new SamplingParams((float) temperature, (int) topK, (float) topP, (float) minP, 1,
            (float) number(defaults, "repetition_penalty", 1), 0, 0, Map.of());
    }

    private static double number(Json.Obj defaults, String name, double otherwise) {
        return defaults.get(name) instanceof Json.Num number ? number.doubleValue() : otherwise;
    }

    private static void require(boolean valid, String param, double value, String range) {
        if (!valid) {
            throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, param, param + " is " + value + ", expected " + range + ".", "");
        }
    }
}
