package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;

import java.util.LinkedHashMap;
import java.util.Map;

/** A config's rotary positions and how they are stretched, as GGUF's keys and tensors of divisors. */
final class RopeKeys {
    private final Config config;
    private final Config scaling;
    private final String type;
    private final String architecture;
    private final int rotaryDim;

    /** {@code UNSUPPORTED_MODEL} for ways to stretch that GGUF has no keys for. */
    RopeKeys(Config config, String architecture, int headDim) {
        this.config = config;
        this.architecture = architecture;
        Config found = config.section(config.has("rope_scaling") ? "rope_scaling" : "rope_parameters");
        type = found == null ? "default" : found.string("rope_type", found.string("type", "default"));
        scaling = type.equals("default") ? null : found;
        rotaryDim = (int) (headDim * parameter("partial_rotary_factor", 1) + 1e-6);
        boolean known = switch (type) {
            case "default", "linear", "yarn", "llama3" -> true;
            case "longrope", "su" -> architecture.equals("phi3");
            default -> false;
        };
        if (!known) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "rope_scaling of the type " + type + " can't be written as GGUF of the architecture " + architecture + ".",
                "Crema loads the Hugging Face folder as it is.");
        }
    }

    private double parameter(String key, double otherwise) {
        Config parameters = config.section("rope_parameters");
        return parameters != null && parameters.has(key) ? parameters.number(key) : config.number(key, otherwise);
    }

    private boolean isLong() {
        return type.equals("longrope") || type.equals("su");
    }

    void writeTo(GgufWriter gguf) {
        put(gguf, "dimension_count", rotaryDim);
        put(gguf, "freq_base", (float) theta());
        if (architecture.equals("phi3") && !type.equals("yarn")) {
            put(gguf, "scaling.original_context_length", original());
        }
        if (isLong()) {
            put(gguf, "scaling.attn_factor", (float) longFactor());
        } else if (type.equals("linear") || type.equals("yarn")) {
            put(gguf, "scaling.type", type);
            put(gguf, "scaling.factor", (float) scaling.number("factor"));
        }
        if (type.equals("yarn")) {
            writeYarn(gguf);
        }
    }

    private void writeYarn(GgufWriter gguf) {
        put(gguf, "scaling.original_context_length", original());
        for (String key : new String[] {"beta_fast", "beta_slow"}) {
            if (scaling.has(key)) {
                put(gguf, "scaling.yarn_" + key, (float) scaling.number(key));
            }
        }
        if (architecture.equals("deepseek2") && !scaling.has("attention_factor") && scaling.number("mscale_all_dim", 0) > 0
                && scaling.number("mscale", 0) == scaling.number("mscale_all_dim")) {
            // Rotation scales nothing then, and scores are scaled by what follows from a tenth of it.
            put(gguf, "scaling.yarn_log_multiplier", (float) (0.1 * scaling.number("mscale_all_dim")));
        } else if (scaling.has("attention_factor") || scaling.has("mscale") || architecture.equals("deepseek2")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "rope_scaling with attention_factor, or mscale that is not mscale_all_dim, can't be written as GGUF yet.",
                "Crema loads the Hugging Face folder as it is.");
        }
    }

    private void put(GgufWriter gguf, String key, Object value) {
        gguf.put(architecture + ".rope." + key, value);
    }

    private double theta() {
        return parameter("rope_theta", 10_000);
    }

    private int original() {
        int context = config.size("max_position_embeddings", 2048);
        return scaling != null && scaling.has("original_max_position_embeddings") ? scaling.size("original_max_position_embeddings")
            : config.size("original_max_position_embeddings", context);
    }

    /** What scores are multiplied by: transformers' {@code _compute_longrope_parameters}. */
    private double longFactor() {
        if (scaling.has("attention_factor")) {
            return scaling.number("attention_factor");
        }
        double stretch = scaling.has("factor") ? scaling.number("factor") : (double) config.size("max_position_embeddings", 2048) / original();
        return stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(original()));
    }

    /** Tensors of divisors, by name: Llama 3's, and LongRoPE's two. */
    Map<String, float[]> factors() {
        var factors = new LinkedHashMap<String, float[]>();
        if (type.equals("llama3")) {
            factors.put("rope_freqs.weight", llama3());
        } else if (isLong()) {
            factors.put("rope_factors_long.weight", list("long_factor"));
            factors.put("rope_factors_short.weight", list("short_factor"));
        }
        return factors;
    }

    private float[] list(String key) {
        if (!(scaling.json().get(key) instanceof Json.Arr list) || list.size() != rotaryDim / 2) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling is " + type + " and has no list " + key + " of " + rotaryDim / 2 + " numbers.", "");
        }
        float[] factors = new float[list.size()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = list.get(i) instanceof Json.Num number ? (float) number.doubleValue() : 0;
            if (!(factors[i] > 0)) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "The model's rope scaling has " + list.get(i) + " in " + key + ".", "");
            }
        }
        return factors;
    }

    private float[] llama3() {
        double original = scaling.number("original_max_position_embeddings");
        double low = scaling.number("low_freq_factor");
        double high = scaling.number("high_freq_factor");
        double factor = scaling.number("factor");
        float[] factors = new float[rotaryDim / 2];
        for (int i = 0; i < factors.length; i++) {
            double wavelength = 2 * Math.PI * Math.pow(theta(), 2.0 * i / rotaryDim);
            double smooth = (original / wavelength - low) / (high - low);
            factors[i] = (float) (wavelength < original / high ? 1 : wavelength > original / low ? factor : 1 / ((1 - smooth) / factor + smooth));
        }
        return factors;
    }
}
