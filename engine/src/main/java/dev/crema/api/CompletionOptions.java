package dev.crema.api;

import dev.crema.json.Json;
import dev.crema.sampling.SamplingParams;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What requests for chat and for completions have in common.
 *
 * @param model        as asked for, or null
 * @param n            replies to one prompt
 * @param seed         null where none was given
 * @param stops        texts that end a reply
 * @param includeUsage whether a stream ends with a chunk of its usage
 * @param format       what the reply has to look like, or null
 * @param cachePrompt  whether the prefix cache may be used (an extension)
 */
record CompletionOptions(String model, boolean stream, boolean includeUsage, int n, Long seed, List<String> stops, OutputFormat format, boolean cachePrompt,
        SamplingParams sampling) {
    /** Names of the fields that {@link #read} reads. */
    static final Set<String> NAMES = Set.of("model", "stream", "stream_options", "n", "seed", "stop", "cache_prompt", "temperature", "top_p",
        "top_k", "min_p", "typical_p", "frequency_penalty", "presence_penalty", "repetition_penalty", "logit_bias", "response_format", "grammar", "regex");
    /** Bookkeeping of OpenAI's service, which has no meaning here and changes no reply. */
    static final Set<String> HARMLESS = Set.of("user", "store", "metadata", "service_tier", "safety_identifier", "prompt_cache_key",
        "prompt_cache_options", "prompt_cache_retention");

    /** OpenAI's. */
    private static final int MAX_N = 128;
    private static final int MAX_STOPS = 16;
    private static final int MAX_BIASES = 1024;

    /** {@code defaults} is the model's generation_config: a request counts first, then it, then OpenAI's defaults. */
    static CompletionOptions read(Fields fields, Json.Obj defaults) {
        boolean stream = fields.flag("stream", false);
        Long seed = fields.has("seed") ? fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 0) : null;
        return new CompletionOptions(fields.string("model", null), stream, includeUsage(fields, stream), (int) fields.integer("n", 1, MAX_N, 1), seed,
            stops(fields), OutputFormat.read(fields), fields.flag("cache_prompt", true), sampling(fields, new SamplingDefaults(defaults)));
    }

    private static boolean includeUsage(Fields fields, boolean stream) {
        Fields options = fields.object("stream_options");
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw Fields.invalid("stream_options", "'stream_options' needs 'stream' to be true.");
        }
        options.allowOnly(Set.of("include_usage"), Set.of("include_obfuscation"));
        return options.flag("include_usage", false);
    }

    private static List<String> stops(Fields fields) {
        var stops = new ArrayList<String>();
        switch (fields.get("stop")) {
            case null -> { }
            case Json.Str text -> stops.add(stop("stop", text));
            case Json.Arr array -> {
                if (array.size() > MAX_STOPS) {
                    throw Fields.invalid("stop", "'stop' has " + array.size() + " texts, " + MAX_STOPS + " are allowed.");
                }
                for (int i = 0; i < array.size(); i++) {
                    stops.add(stop("stop[" + i + "]", array.get(i)));
                }
            }
            case Json other -> throw Fields.wrong("stop", "a string or an array of strings", other);
        }
        return stops;
    }

    private static String stop(String param, Json value) {
        if (value instanceof Json.Str text && !text.value().isEmpty()) {
            return text.value();
        }
        throw Fields.wrong(param, "a string that is not empty", value);
    }

    private static SamplingParams sampling(Fields fields, SamplingDefaults defaults) {
        long topK = fields.integer("top_k", -1, Integer.MAX_VALUE, defaults.topK());
        return new SamplingParams(
            (float) fields.number("temperature", 0, 2, defaults.temperature()),
            (int) Math.max(0, topK),
            (float) fields.number("top_p", 0, 1, defaults.topP()),
            (float) fields.number("min_p", 0, 1, defaults.minP()),
            (float) fields.number("typical_p", 0, 1, defaults.typicalP()),
            (float) fields.number("repetition_penalty", 0.01, 10, defaults.repetitionPenalty()),
            (float) fields.number("frequency_penalty", -2, 2, 0),
            (float) fields.number("presence_penalty", -2, 2, 0),
            logitBias(fields.object("logit_bias")));
    }

    private static Map<Integer, Float> logitBias(Fields fields) {
        var biases = new LinkedHashMap<Integer, Float>();
        if (fields == null) {
            return biases;
        }
        if (fields.object().members().size() > MAX_BIASES) {
            throw Fields.invalid("logit_bias", "'logit_bias' has " + fields.object().members().size() + " entries, " + MAX_BIASES + " are allowed.");
        }
        for (Map.Entry<String, Json> entry : fields.object().members().entrySet()) {
            biases.put(tokenId(entry.getKey()), (float) Fields.number("logit_bias." + entry.getKey(), entry.getValue(), -100, 100));
        }
        return biases;
    }

    private static int tokenId(String key) {
        try {
            int id = Integer.parseInt(key);
            if (id >= 0) {
                return id;
            }
        } catch (NumberFormatException notANumber) {
            throw badTokenId(key);
        }
        throw badTokenId(key);
    }

    private static RuntimeException badTokenId(String key) {
        return Fields.wrong("logit_bias", "an object whose names are token ids", new Json.Str(key));
    }
}
