package dev.crema.model;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.graph.RopeTable;
import dev.crema.json.Json;

/**
 * The frequencies of rotary positions as the config asks for them: plain (arXiv 2104.09864), linear (2306.15595), Llama 3.1's, YaRN (2309.00071), or
 * LongRoPE (2402.13753).
 * The formulas are those of transformers' {@code modeling_rope_utils.py}. Reads {@code rope_theta}, {@code partial_rotary_factor},
 * {@code rope_interleaved}, and {@code rope_scaling} (with {@code rope_type} or the older {@code type}) or the newer {@code rope_parameters}.
 */
public final class RopeScaling {
    /** Ours, of the config: tokens of context that the model was loaded with; without it contexts are as long as in the first training. */
    static final String LOADED_CONTEXT = "loaded_context_length";

    /** A bound on what a hostile config can make us allocate; models have up to 512. */
    private static final int MAX_ROTARY_DIM = 1 << 16;

    private final Config scaling;
    private final double theta;
    private final int rotaryDim;
    private final int contextLength;
    private final int originalOfConfig;
    private final int loaded;

    private RopeScaling(Config scaling, double theta, int rotaryDim, int contextLength, int originalOfConfig, int loaded) {
        this.scaling = scaling;
        this.theta = theta;
        this.rotaryDim = rotaryDim;
        this.contextLength = contextLength;
        this.originalOfConfig = originalOfConfig;
        this.loaded = loaded;
    }

    /** The table for heads of {@code headDim} channels. */
    public static RopeTable table(Config config, int headDim) {
        return table(config, headDim, 1);
    }

    /** The same for a family that rotates this fraction of a head unless its config says otherwise. */
    static RopeTable table(Config config, int headDim, double fractionOtherwise) {
        Config parameters = config.section("rope_parameters");
        Config scaling = parameters != null ? parameters : config.section("rope_scaling");
        // LlamaConfig's default.
        double theta = number("rope_theta", parameters, config, 10000);
        double fraction = number("partial_rotary_factor", parameters, config, fractionOtherwise);
        // The small term because 49 * (1 / 49.0) is below 1.
        double rotary = Math.floor(headDim * fraction + 1e-6);
        if (!(theta > 1 && theta < 1e30) || !(rotary >= 2 && rotary <= Math.min(headDim, MAX_ROTARY_DIM)) || rotary % 2 != 0) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's config asks for rotary positions of " + rotary + " of " + headDim
                + " channels with theta " + theta + ".", "");
        }
        int context = config.size("max_position_embeddings", 2048);
        int original = config.size("original_max_position_embeddings", context);
        var rope = new RopeScaling(scaling, theta, (int) rotary, context, original, config.size(LOADED_CONTEXT, 1));
        return rope.table(config.bool("rope_interleaved", false));
    }

    /** Plain positions with another theta than the config's, as Gemma 3 has in the layers with a window. */
    static RopeTable plain(Config config, int headDim, double theta) {
        var plain = new Config(new Json.Obj().put("rope_theta", theta).put("rope_interleaved", config.bool("rope_interleaved", false)));
        return table(plain, headDim, 1);
    }

    /**
     * What DeepSeek's models multiply the scores of attention by, beside 1 / sqrt(head dim): with YaRN and {@code mscale_all_dim} (0.1 mscale_all_dim ln(factor) +
     * 1)^2, else 1.
     */
    static double scoreFactor(Config config) {
        Config parameters = config.section("rope_parameters");
        Config scaling = parameters != null ? parameters : config.section("rope_scaling");
        double all = scaling == null || !scaling.string("rope_type", scaling.string("type", "")).equals("yarn") ? 0 : scaling.number("mscale_all_dim", 0);
        double mscale = all == 0 ? 1 : new RopeScaling(scaling, 0, 0, 0, 0, 0).mscale(all);
        return mscale * mscale;
    }

    private static double number(String key, Config parameters, Config config, double otherwise) {
        return parameters != null && parameters.has(key) ? parameters.number(key) : config.number(key, otherwise);
    }

    private RopeTable table(boolean interleaved) {
        String type = scaling == null ? "default" : scaling.string("rope_type", scaling.string("type", "default"));
        String plain = "theta " + theta;
        return switch (type) {
            case "default" -> new RopeTable(plain, interleaved, 1, plain());
            case "linear" -> new RopeTable(plain + " linear factor " + factor(), interleaved, 1, linear());
            case "llama3" -> new RopeTable(plain + " llama3 factor " + factor() + " low " + scaling.number("low_freq_factor") + " high "
                + scaling.number("high_freq_factor") + " original " + original(false), interleaved, 1, llama3());
            case "yarn" -> new RopeTable(plain + " yarn factor " + factor() + " original " + original(true), interleaved, yarnMagnitude(), yarn());
            case "longrope", "su" -> new RopeTable(plain + " longrope, " + (isLong() ? "long" : "short") + " factors", interleaved, longMagnitude(), longRope());
            default -> throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The model's rope scaling is of type " + type + ".",
                "Crema knows default, linear, llama3, yarn and longrope (dev.crema.model.RopeScaling).");
        };
    }

    private double inverseFrequency(int pair) {
        return Math.pow(theta, -2.0 * pair / rotaryDim);
    }

    private float[] plain() {
        var frequencies = new float[rotaryDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) inverseFrequency(i);
        }
        return frequencies;
    }

    private float[] linear() {
        var frequencies = new float[rotaryDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = (float) (inverseFrequency(i) / factor());
        }
        return frequencies;
    }

    /** Long wavelengths are stretched by the factor, short ones kept, those between blended. */
    private float[] llama3() {
        double low = positive("low_freq_factor");
        double high = positive("high_freq_factor");
        double original = original(false);
        var frequencies = new float[rotaryDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double frequency = inverseFrequency(i);
            double wavelength = 2 * Math.PI / frequency;
            double smooth = high == low ? 0 : (original / wavelength - low) / (high - low);
            double blended = (1 - smooth) * frequency / factor() + smooth * frequency;
            frequencies[i] = (float) (wavelength > original / low ? frequency / factor() : wavelength < original / high ? frequency : blended);
        }
        return frequencies;
    }

    /** Pairs that turn often within the original context keep their frequency, slow ones are stretched, a ramp leads from one to the other. */
    private float[] yarn() {
        double low = correctionDim(scaling.number("beta_fast", 32));
        double high = correctionDim(scaling.number("beta_slow", 1));
        if (scaling.bool("truncate", true)) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, rotaryDim - 1);
        var frequencies = new float[rotaryDim / 2];
        for (int i = 0; i < frequencies.length; i++) {
            double ramp = Math.min(1, Math.max(0, (i - low) / (high == low ? 0.001 : high - low)));
            double frequency = inverseFrequency(i);
            frequencies[i] = (float) (frequency / factor() * ramp + frequency * (1 - ramp));
        }
        return frequencies;
    }

    /** GGUF's tensor of LongRoPE's divisors for the context that the model was loaded with. */
    static String longRopeTensor(Config config) {
        Config scaling = config.section("rope_scaling");
        int original = config.size("original_max_position_embeddings", config.size("max_position_embeddings", 2048));
        boolean isLong = scaling != null && new RopeScaling(scaling, 0, 0, 0, original, config.size(LOADED_CONTEXT, 1)).isLong();
        return isLong ? "rope_factors_long.weight" : "rope_factors_short.weight";
    }

    /** Whether the model was loaded with a longer context than it was first trained on: what llama.cpp goes by, and transformers text by text. */
    private boolean isLong() {
        return loaded > originalContext();
    }

    private double originalContext() {
        return scaling.has("original_max_position_embeddings") ? original(false) : originalOfConfig;
    }

    /** Phi-3's (arXiv 2402.13753): of its two lists of divisors the one for the context. GGUF has the lists as tensors. */
    private float[] longRope() {
        if (scaling.bool("factors_are_tensors", false)) {
            return plain();
        }
        String list = isLong() ? "long_factor" : "short_factor";
        if (!(scaling.json().get(list) instanceof Json.Arr factors)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling is longrope and has no list " + list + ".", "");
        }
        var frequencies = new float[rotaryDim / 2];
        if (factors.size() != frequencies.length) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling has " + factors.size() + " numbers in " + list + " for "
                + frequencies.length + " pairs of channels.", "");
        }
        for (int i = 0; i < frequencies.length; i++) {
            double factor = factors.get(i) instanceof Json.Num number ? number.doubleValue() : 0;
            if (!(factor > 0 && factor < 1e30)) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling has " + factors.get(i) + " in " + list + ".", "");
            }
            frequencies[i] = (float) (inverseFrequency(i) / factor);
        }
        return frequencies;
    }

    /** {@code attention_factor}, or sqrt(1 + ln(s) / ln(original)) where s is how much longer the context has become. */
    private float longMagnitude() {
        if (scaling.has("attention_factor")) {
            return (float) scaling.number("attention_factor");
        }
        double original = originalContext();
        double stretch = scaling.has("factor") ? factor() : contextLength / original;
        return stretch <= 1 ? 1 : (float) Math.sqrt(1 + Math.log(stretch) / Math.log(original));
    }

    /** The pair that turns {@code rotations} times within the original context. */
    private double correctionDim(double rotations) {
        return rotaryDim * Math.log(original(true) / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private float yarnMagnitude() {
        double magnitude = mscale(1);
        if (scaling.has("attention_factor")) {
            magnitude = scaling.number("attention_factor");
        } else if (scaling.number("mscale", 0) != 0 && scaling.number("mscale_all_dim", 0) != 0) {
            magnitude = mscale(scaling.number("mscale")) / mscale(scaling.number("mscale_all_dim"));
        }
        return (float) (magnitude * scaling.number("attention_multiplier", 1));
    }

    private double mscale(double mscale) {
        return factor() <= 1 ? 1 : 0.1 * mscale * Math.log(factor()) + 1;
    }

    private double factor() {
        return positive("factor");
    }

    /** Tokens of the context that the model was first trained on. */
    private double original(boolean optional) {
        return optional && !scaling.has("original_max_position_embeddings") ? contextLength : positive("original_max_position_embeddings");
    }

    private double positive(String key) {
        double value = scaling.number(key);
        if (!(value > 0 && value < 1e30)) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling has " + key + " " + value + ", expected a positive number.", "");
        }
        return value;
    }
}
