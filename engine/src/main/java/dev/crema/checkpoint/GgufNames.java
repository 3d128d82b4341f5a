package dev.crema.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;

/** Tensor names of GGUF (gguf-py's constants.py) to Hugging Face's, for the architectures that are built like Llama. */
final class GgufNames {
    private static final Map<String, String> MODEL = Map.of(
        "token_embd", "model.embed_tokens",
        "output_norm", "model.norm",
        "output", "lm_head");

    private static final Map<String, String> LAYER = Map.ofEntries(
        Map.entry("attn_norm", "input_layernorm"),
        Map.entry("attn_q", "self_attn.q_proj"),
        Map.entry("attn_k", "self_attn.k_proj"),
        Map.entry("attn_v", "self_attn.v_proj"),
        Map.entry("attn_output", "self_attn.o_proj"),
        Map.entry("attn_q_norm", "self_attn.q_norm"),
        Map.entry("attn_k_norm", "self_attn.k_norm"),
        Map.entry("ffn_norm", "post_attention_layernorm"),
        Map.entry("ffn_gate", "mlp.gate_proj"),
        Map.entry("ffn_up", "mlp.up_proj"),
        Map.entry("ffn_down", "mlp.down_proj"));

    private GgufNames() { }

    /** {@code blk.3.attn_q.weight} to {@code model.layers.3.self_attn.q_proj.weight}; unknown names stay as they are. */
    static String translate(String name) {
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return name;
        }
        String stem = name.substring(0, dot);
        String suffix = name.substring(dot);
        if (!stem.startsWith("blk.")) {
            return MODEL.getOrDefault(stem, stem) + suffix;
        }
        int afterLayer = stem.indexOf('.', 4);
        String part = afterLayer < 0 ? null : LAYER.get(stem.substring(afterLayer + 1));
        return part == null ? name : "model.layers." + stem.substring(4, afterLayer) + "." + part + suffix;
    }

    static Map<String, TensorEntry> translate(String fileName, Map<String, TensorEntry> tensors) {
        var translated = new LinkedHashMap<String, TensorEntry>();
        for (TensorEntry entry : tensors.values()) {
            String name = translate(entry.name());
            if (translated.put(name, new TensorEntry(name, entry.dtype(), entry.shape(), entry.bytes())) != null) {
                throw Damage.invalid(fileName, "tensor " + name + " is there twice, once as " + entry.name());
            }
        }
        return translated;
    }
}
