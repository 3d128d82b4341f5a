package dev.crema.checkpoint;

import java.util.LinkedHashMap;
import java.util.Map;

/** Tensor names of GGUF (gguf-py's constants.py) to Hugging Face's, as {@link GgufArchitecture} has them. */
final class GgufNames {
    private GgufNames() { }

    /** {@code blk.3.attn_q.weight} to {@code model.layers.3.self_attn.q_proj.weight}; unknown names stay as they are. */
    static String translate(GgufArchitecture architecture, String name) {
        int dot = name.lastIndexOf('.');
        if (dot < 0) {
            return name;
        }
        String stem = name.substring(0, dot);
        String suffix = name.substring(dot);
        if (!stem.startsWith("blk.")) {
            String translated = architecture.outside().get(stem);
            return translated == null ? name : translated + suffix;
        }
        int afterLayer = stem.indexOf('.', 4);
        String part = afterLayer < 0 ? null : architecture.inLayer().get(stem.substring(afterLayer + 1));
        return part == null ? name : architecture.layers() + "." + stem.substring(4, afterLayer) + "." + part + suffix;
    }

    static Map<String, TensorEntry> translate(String fileName, GgufArchitecture architecture, Map<String, TensorEntry> tensors) {
        var translated = new LinkedHashMap<String, TensorEntry>();
        for (TensorEntry entry : tensors.values()) {
            String name = translate(architecture, entry.name());
            if (translated.put(name, new TensorEntry(name, entry.dtype(), entry.shape(), entry.bytes())) != null) {
                throw Damage.invalid(fileName, "tensor " + name + " is there twice, once as " + entry.name());
            }
        }
        return translated;
    }
}
