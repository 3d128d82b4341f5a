package dev.crema.testing;

import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape of a {@link SyntheticCheckpoint}, and how it is written in both worlds. Extents are multiples of 32 where a row must be whole
 * blocks.
 *
 * @param modelType   of config.json
 * @param ropeScaling as in config.json, or null
 * @param window      {@code sliding_window}, or 0
 */
public record SyntheticSpec(String name, String modelType, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab,
        boolean tied, Json.Obj ropeScaling, int window, int contextLength, float eps, long seed) {
    private static final double ROPE_THETA = 10000;

    /** One model of each kind that the Llama family covers; their goldens come from llama.cpp. */
    public static List<SyntheticSpec> all() {
        var llama3 = new Json.Obj().put("rope_type", "llama3").put("factor", 8.0).put("low_freq_factor", 1.0).put("high_freq_factor", 4.0)
            .put("original_max_position_embeddings", 64L);
        var yarn = new Json.Obj().put("rope_type", "yarn").put("factor", 4.0).put("original_max_position_embeddings", 64L);
        var linear = new Json.Obj().put("type", "linear").put("factor", 2.0);
        return List.of(
            new SyntheticSpec("tiny-llama", "llama", 64, 96, 2, 4, 4, 16, 320, true, null, 0, 256, 1e-5f, 1),
            new SyntheticSpec("tiny-llama3", "llama", 64, 160, 3, 8, 2, 16, 320, false, llama3, 0, 512, 1e-5f, 2),
            new SyntheticSpec("tiny-llama-linear", "llama", 96, 128, 2, 6, 2, 32, 320, true, linear, 0, 512, 1e-5f, 3),
            new SyntheticSpec("tiny-mistral", "mistral", 64, 128, 2, 4, 2, 32, 320, false, null, 0, 256, 1e-5f, 4),
            new SyntheticSpec("tiny-qwen2", "qwen2", 96, 128, 3, 6, 2, 16, 320, true, null, 0, 256, 1e-5f, 5),
            new SyntheticSpec("tiny-qwen2-yarn", "qwen2", 128, 96, 2, 4, 2, 32, 320, false, yarn, 0, 256, 1e-5f, 6),
            new SyntheticSpec("tiny-qwen3", "qwen3", 64, 96, 3, 4, 2, 32, 320, true, null, 0, 256, 1e-5f, 7),
            new SyntheticSpec("tiny-llama-yarn", "llama", 64, 96, 2, 4, 1, 32, 320, true, yarn, 0, 256, 1e-5f, 8));
    }

    /** A model in whose rows blocks of 256 fit, for formats that have them. */
    public static SyntheticSpec superBlocks() {
        return new SyntheticSpec("tiny-llama-256", "llama", 256, 512, 2, 8, 4, 32, 320, false, null, 0, 256, 1e-5f, 9);
    }

    /** The model of {@link #all} that is called so. */
    public static SyntheticSpec named(String name) {
        for (SyntheticSpec spec : all()) {
            if (spec.name.equals(name)) {
                return spec;
            }
        }
        throw new IllegalArgumentException("no synthetic model " + name);
    }

    Json.Obj config(DType dtype) {
        var config = new Json.Obj().put("model_type", modelType).put("hidden_size", (long) hidden).put("intermediate_size", (long) intermediate)
            .put("num_hidden_layers", (long) layers).put("num_attention_heads", (long) heads).put("num_key_value_heads", (long) kvHeads)
            .put("head_dim", (long) headDim).put("vocab_size", (long) vocab).put("max_position_embeddings", (long) contextLength)
            .put("rope_theta", ROPE_THETA).put("rms_norm_eps", Double.parseDouble(Float.toString(eps))).put("hidden_act", "silu").put("tie_word_embeddings", tied)
            .put("rope_scaling", ropeScaling == null ? Json.NULL : ropeScaling).put("torch_dtype", dtype == DType.F32 ? "float32"
                : dtype == DType.F16 ? "float16" : "bfloat16");
        return window == 0 ? config : config.put("sliding_window", (long) window);
    }

    private String architecture() {
        return modelType.equals("mistral") ? "llama" : modelType;
    }

    void writeTo(GgufWriter gguf) {
        String arch = architecture();
        gguf.put("general.architecture", arch).put("general.name", name).put(arch + ".context_length", contextLength)
            .put(arch + ".embedding_length", hidden).put(arch + ".feed_forward_length", intermediate).put(arch + ".block_count", layers)
            .put(arch + ".attention.head_count", heads).put(arch + ".attention.head_count_kv", kvHeads)
            .put(arch + ".attention.key_length", headDim).put(arch + ".attention.value_length", headDim)
            .put(arch + ".rope.dimension_count", headDim).put(arch + ".rope.freq_base", (float) ROPE_THETA)
            .put(arch + ".attention.layer_norm_rms_epsilon", eps).put(arch + ".vocab_size", vocab);
        if (ropeScaling != null && !scalingType().equals("llama3")) {
            gguf.put(arch + ".rope.scaling.type", scalingType()).put(arch + ".rope.scaling.factor", (float) number("factor"));
            if (scalingType().equals("yarn")) {
                gguf.put(arch + ".rope.scaling.original_context_length", (int) number("original_max_position_embeddings"));
            }
        }
        if (window > 0) {
            gguf.put(arch + ".attention.sliding_window", window);
        }
    }

    private String scalingType() {
        return ((Json.Str) (ropeScaling.has("rope_type") ? ropeScaling.get("rope_type") : ropeScaling.get("type"))).value();
    }

    private double number(String key) {
        return ((Json.Num) ropeScaling.get(key)).doubleValue();
    }

    String ggufName(String name) {
        String[][] parts = {{"model.layers.", "blk."}, {"model.embed_tokens", "token_embd"}, {"model.norm", "output_norm"}, {"lm_head", "output"},
            {"input_layernorm", "attn_norm"}, {"self_attn.q_proj", "attn_q"}, {"self_attn.k_proj", "attn_k"}, {"self_attn.v_proj", "attn_v"},
            {"self_attn.o_proj", "attn_output"}, {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
            {"post_attention_layernorm", "ffn_norm"}, {"mlp.gate_proj", "ffn_gate"}, {"mlp.up_proj", "ffn_up"}, {"mlp.down_proj", "ffn_down"}};
        for (String[] part : parts) {
            name = name.replace(part[0], part[1]);
        }
        return name;
    }

    /** For llama, the converter brings the pairs that are rotated together: row {@code half * d/2 + i} of a head becomes {@code 2i + half}. */
    byte[] ggufOrder(String name, byte[] weight, Shape shape) {
        boolean rotated = name.contains("q_proj") || name.contains("k_proj");
        if (!architecture().equals("llama") || !rotated) {
            return weight;
        }
        int rows = shape.extent(0);
        int rowBytes = weight.length / rows;
        var ordered = new byte[weight.length];
        for (int row = 0; row < rows; row++) {
            int head = row / headDim;
            int within = row % headDim;
            int target = head * headDim + 2 * (within % (headDim / 2)) + within / (headDim / 2);
            System.arraycopy(weight, row * rowBytes, ordered, target * rowBytes, rowBytes);
        }
        return ordered;
    }

    /** Llama 3's scaling as the divisors that converters write into {@code rope_freqs.weight}, or null. */
    float[] ropeFactors() {
        if (ropeScaling == null || !scalingType().equals("llama3")) {
            return null;
        }
        double original = number("original_max_position_embeddings");
        double low = number("low_freq_factor");
        double high = number("high_freq_factor");
        var factors = new ArrayList<Double>();
        for (int i = 0; i < headDim / 2; i++) {
            double wavelength = 2 * Math.PI * Math.pow(ROPE_THETA, 2.0 * i / headDim);
            double smooth = (original / wavelength - low) / (high - low);
            factors.add(wavelength < original / high ? 1 : wavelength > original / low ? number("factor")
                : 1 / ((1 - smooth) / number("factor") + smooth));
        }
        var result = new float[factors.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = factors.get(i).floatValue();
        }
        return result;
    }
}
