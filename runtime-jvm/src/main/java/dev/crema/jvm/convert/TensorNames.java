package dev.crema.jvm.convert;

import dev.crema.checkpoint.GgufArchitecture;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hugging Face's tensor names as GGUF's, for one model: {@link GgufArchitecture} backwards, after what stands before or within names is made alike. */
final class TensorNames {
    /** An expert's tensor; {@code *} is all of them, as the graph calls the whole stack. */
    private static final Pattern EXPERT = Pattern.compile("(.*\\.experts)\\.(\\d{1,5}|\\*)\\.(.*)");
    /** What the graph calls a part of a tensor, one with an addend, or a transpose. */
    private static final Pattern DERIVED = Pattern.compile("\\[[^]]*]|\\+1|\\^T");
    private static final Set<String> BERTS = Set.of("bert", "roberta", "xlm-roberta", "camembert", "distilbert", "nomic_bert");
    private static final Map<String, String> DISTILBERT = Map.of("attention.q_lin", "attention.self.query", "attention.k_lin", "attention.self.key",
        "attention.v_lin", "attention.self.value", "attention.out_lin", "attention.output.dense", "sa_layer_norm", "attention.output.LayerNorm",
        "ffn.lin1", "intermediate.dense", "ffn.lin2", "output.dense", "output_layer_norm", "output.LayerNorm");
    /** Parts of names of what is no weight, or belongs to what GGUF's architecture leaves out: masks, frequencies, other heads, the eye for images. */
    private static final List<Pattern> NEEDLESS = List.of(Pattern.compile(".*\\.rotary_emb\\.inv_freq"), Pattern.compile(".*\\.masked_bias"),
        Pattern.compile("(.*\\.)?h\\.\\d+\\.attn\\.bias"), Pattern.compile("gpt_neox\\.layers\\.\\d+\\.attention\\.bias"));
    private static final Pattern BERT_NEEDLESS = Pattern.compile("(.*\\.)?(pooler|cls|lm_head|vocab_transform|vocab_layer_norm|vocab_projector)\\..*"
        + "|.*embeddings\\.position_ids");
    private static final Pattern VISION = Pattern.compile("(model\\.)?(vision_tower|multi_modal_projector)\\..*");

    /** Where a tensor goes. @param expert its number of a stack, or -1 */
    record Place(String gguf, int expert) { }

    private final String modelType;
    private final GgufArchitecture architecture;
    private final Map<String, String> outside = new HashMap<>();
    private final Map<String, String> inLayer = new HashMap<>();

    /** {@code modelType} as config.json has it. */
    TensorNames(String modelType, GgufArchitecture architecture) {
        this.modelType = modelType;
        this.architecture = architecture;
        turn(architecture.outside(), outside);
        turn(architecture.inLayer(), inLayer);
    }

    private void turn(Map<String, String> names, Map<String, String> into) {
        names.forEach((gguf, name) -> {
            String other = into.put(name, gguf);
            if (other != null) {
                throw new IllegalStateException(architecture.name() + " has both " + other + " and " + gguf + " for " + name);
            }
        });
    }

    boolean isBert() {
        return BERTS.contains(modelType);
    }

    /** Null for tensors that GGUF has no place for. */
    Place of(String huggingFace) {
        if (isNeedless(huggingFace)) {
            return null;
        }
        String name = standard(DERIVED.matcher(huggingFace).replaceAll(""));
        Matcher expert = EXPERT.matcher(name);
        boolean isExpert = expert.matches();
        String gguf = gguf(isExpert ? expert.group(1) + "." + expert.group(3) : name);
        return gguf == null ? null : new Place(gguf, isExpert && !expert.group(2).equals("*") ? Integer.parseInt(expert.group(2)) : -1);
    }

    /** Whether the model says the same without the tensor. */
    boolean isNeedless(String name) {
        return NEEDLESS.stream().anyMatch(pattern -> pattern.matcher(name).matches()) || isBert() && BERT_NEEDLESS.matcher(name).matches()
            || modelType.startsWith("gemma3") && VISION.matcher(name).matches();
    }

    /** The name as {@link GgufArchitecture} has it. */
    private String standard(String given) {
        String name = given;
        if (isBert()) {
            name = after(name, "bert.", "roberta.", "distilbert.");
        }
        return switch (modelType) {
            case "distilbert" -> distilBert(name);
            case "gpt2" -> after(name, "transformer.");
            case "gemma3", "gemma3_text" -> after(name, "language_model.");
            case "falcon" -> name.replace(".ln_mlp.", ".input_layernorm.");
            case "gpt_oss" -> name.endsWith("self_attn.sinks") ? name + ".weight" : name;
            // The stack of gates and ups is cut when it is written.
            case "granitemoe" -> name.replace("moe.router.layer.", "moe.gate.").replace("moe.input_linear.", "moe.experts.w1.").replace("moe.output_linear.", "moe.experts.w2.");
            case "deepseek_v3", "kimi_k2" -> name.replace(".e_score_correction_bias", ".e_score_correction.bias");
            default -> name;
        };
    }

    private static String after(String name, String... prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return name;
    }

    private static String distilBert(String name) {
        Matcher layer = Pattern.compile("transformer\\.layer\\.(\\d+)\\.(.*)\\.(weight|bias)").matcher(name);
        return !layer.matches() ? name : "encoder.layer." + layer.group(1) + "." + DISTILBERT.getOrDefault(layer.group(2), layer.group(2)) + "." + layer.group(3);
    }

    private String gguf(String name) {
        int dot = name.lastIndexOf('.');
        String stem = dot < 0 ? name : name.substring(0, dot);
        String suffix = dot < 0 ? "" : name.substring(dot);
        String layers = architecture.layers() + ".";
        if (!stem.startsWith(layers)) {
            return outside.containsKey(stem) ? outside.get(stem) + suffix : null;
        }
        int end = stem.indexOf('.', layers.length());
        String part = end < 0 ? null : inLayer.get(stem.substring(end + 1));
        return part == null ? null : "blk." + stem.substring(layers.length(), end) + "." + part + suffix;
    }
}
