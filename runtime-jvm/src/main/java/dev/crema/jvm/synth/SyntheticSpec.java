package dev.crema.jvm.synth;

import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The shape of a model of the Llama family whose weights are made up, and how it is written as config.json and as GGUF. Extents are multiples
 * of 32 where a row must be whole blocks.
 *
 * @param modelType   of config.json
 * @param ropeScaling as in config.json, or null
 * @param window      {@code sliding_window}, or 0
 */
public record SyntheticSpec(String name, String modelType, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab,
        boolean tied, double ropeTheta, Json.Obj ropeScaling, int window, int contextLength, float eps, long seed) {
    /** {@code rope_theta} of config.json where it is not given (transformers, LlamaConfig). */
    private static final double DEFAULT_ROPE_THETA = 10000;

    public SyntheticSpec(String name, String modelType, int hidden, int intermediate, int layers, int heads, int kvHeads, int headDim, int vocab,
            boolean tied, Json.Obj ropeScaling, int window, int contextLength, float eps, long seed) {
        this(name, modelType, hidden, intermediate, layers, heads, kvHeads, headDim, vocab, tied, DEFAULT_ROPE_THETA, ropeScaling, window, contextLength,
            eps, seed);
    }

    /** Shapes of all weights by Hugging Face name. */
    public Map<String, Shape> weights() {
        var shapes = new LinkedHashMap<String, Shape>();
        shapes.put("model.embed_tokens.weight", Shape.of(vocab, hidden));
        for (int layer = 0; layer < layers; layer++) {
            layerWeights("model.layers." + layer + ".", shapes);
        }
        shapes.put("model.norm.weight", Shape.of(hidden));
        if (!tied) {
            shapes.put("lm_head.weight", Shape.of(vocab, hidden));
        }
        return shapes;
    }

    private void layerWeights(String prefix, Map<String, Shape> shapes) {
        int q = heads * headDim;
        int kv = kvHeads * headDim;
        shapes.put(prefix + "input_layernorm.weight", Shape.of(hidden));
        shapes.put(prefix + "self_attn.q_proj.weight", Shape.of(q, hidden));
        shapes.put(prefix + "self_attn.k_proj.weight", Shape.of(kv, hidden));
        shapes.put(prefix + "self_attn.v_proj.weight", Shape.of(kv, hidden));
        if (modelType.equals("qwen2")) {
            shapes.put(prefix + "self_attn.q_proj.bias", Shape.of(q));
            shapes.put(prefix + "self_attn.k_proj.bias", Shape.of(kv));
            shapes.put(prefix + "self_attn.v_proj.bias", Shape.of(kv));
        }
        if (modelType.equals("qwen3")) {
            shapes.put(prefix + "self_attn.q_norm.weight", Shape.of(headDim));
            shapes.put(prefix + "self_attn.k_norm.weight", Shape.of(headDim));
        }
        shapes.put(prefix + "self_attn.o_proj.weight", Shape.of(hidden, q));
        shapes.put(prefix + "post_attention_layernorm.weight", Shape.of(hidden));
        shapes.put(prefix + "mlp.gate_proj.weight", Shape.of(intermediate, hidden));
        shapes.put(prefix + "mlp.up_proj.weight", Shape.of(intermediate, hidden));
        shapes.put(prefix + "mlp.down_proj.weight", Shape.of(hidden, intermediate));
    }

    /** config.json, with weights of this format. */
    public Json.Obj config(DType dtype) {
        var config = new Json.Obj().put("model_type", modelType).put("hidden_size", (long) hidden).put("intermediate_size", (long) intermediate)
            .put("num_hidden_layers", (long) layers).put("num_attention_heads", (long) heads).put("num_key_value_heads", (long) kvHeads)
            .put("head_dim", (long) headDim).put("vocab_size", (long) vocab).put("max_position_embeddings", (long) contextLength)
            .put("rope_theta", ropeTheta).put("rms_norm_eps", Double.parseDouble(Float.toString(eps))).put("hidden_act", "silu").put("tie_word_embeddings", tied)
            .put("rope_scaling", ropeScaling == null ? Json.NULL : ropeScaling).put("torch_dtype", dtype == DType.F32 ? "float32"
                : dtype == DType.F16 ? "float16" : "bfloat16");
        return window == 0 ? config : config.put("sliding_window", (long) window);
    }

    private String architecture() {
        return modelType.equals("mistral") ? "llama" : modelType;
    }

    /** The same as GGUF metadata. */
    public void writeTo(GgufWriter gguf) {
        String arch = architecture();
        gguf.put("general.architecture", arch).put("general.name", name).put(arch + ".context_length", contextLength)
            .put(arch + ".embedding_length", hidden).put(arch + ".feed_forward_length", intermediate).put(arch + ".block_count", layers)
            .put(arch + ".attention.head_count", heads).put(arch + ".attention.head_count_kv", kvHeads)
            .put(arch + ".attention.key_length", headDim).put(arch + ".attention.value_length", headDim)
            .put(arch + ".rope.dimension_count", headDim).put(arch + ".rope.freq_base", (float) ropeTheta)
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

    /** The name of a weight in GGUF. */
    public String ggufName(String name) {
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
    public byte[] ggufOrder(String name, byte[] weight, Shape shape) {
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
    public float[] ropeFactors() {
        if (ropeScaling == null || !scalingType().equals("llama3")) {
            return null;
        }
        double original = number("original_max_position_embeddings");
        double low = number("low_freq_factor");
        double high = number("high_freq_factor");
        float[] factors = new float[headDim / 2];
        for (int i = 0; i < factors.length; i++) {
            double wavelength = 2 * Math.PI * Math.pow(ropeTheta, 2.0 * i / headDim);
            double smooth = (original / wavelength - low) / (high - low);
            factors[i] = (float) (wavelength < original / high ? 1 : wavelength > original / low ? number("factor")
                : 1 / ((1 - smooth) / number("factor") + smooth));
        }
        return factors;
    }
}
