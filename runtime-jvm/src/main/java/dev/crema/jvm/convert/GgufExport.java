package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.GgufArchitecture;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.json.Json;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.model.Config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A Hugging Face checkpoint as GGUF has it (gguf-py, constants.py, and llama.cpp's converter): keys, and tensors with their names, order and form. */
final class GgufExport {
    private final Config config;
    private final GgufArchitecture architecture;
    private final TensorNames names;
    private final GgufKeys keys;
    private final int headDim;

    /** A tensor of the file. @param addend what is added to each element: Gemma keeps norms as their difference to one */
    record Tensor(String name, TensorEntry from, float addend) { }

    /** {@code UNSUPPORTED_MODEL} where GGUF has no architecture for the model, or where it would say less than the config does. */
    GgufExport(Config given) {
        config = StandardConfig.of(given);
        String type = config.string("model_type", "");
        architecture = architecture(type);
        names = new TensorNames(type, architecture);
        boolean latent = LatentKeys.isLatent(architecture.name());
        headDim = latent ? config.size("qk_rope_head_dim")
            : config.size("head_dim", Math.max(1, config.size("hidden_size") / config.size("num_attention_heads")));
        keys = new GgufKeys(config, architecture, headDim);
    }

    private static GgufArchitecture architecture(String type) {
        GgufArchitecture found = switch (type) {
            case "mixtral", "ministral" -> GgufArchitecture.named("llama");
            case "roberta", "xlm-roberta", "camembert", "distilbert" -> GgufArchitecture.named("bert");
            case "gemma3" -> GgufArchitecture.named("gemma3");
            case "deepseek_v2", "kimi_k2" -> GgufArchitecture.named("deepseek2");
            default -> GgufArchitecture.ofModelType(type);
        };
        if (found != null) {
            return found;
        }
        if (type.equals("ctrl")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "GGUF has no architecture for models of the type \"ctrl\".",
                "Crema loads the Hugging Face folder as it is, from a web server too.");
        }
        throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "Models of the type \"" + type + "\" can't be written as GGUF: Crema knows no architecture of GGUF for it.",
            "Convert with llama.cpp's convert_hf_to_gguf.py to F16; crema convert takes the GGUF from there. A new one is a line in GgufArchitecture.");
    }

    void writeTo(GgufWriter gguf) {
        keys.writeTo(gguf);
    }

    /** Tokens that the embedding has rows for. */
    int vocabulary() {
        return config.size("vocab_size");
    }

    /** The GGUF name of a tensor, or of the stack that it is a part of; null for tensors that GGUF has no place for. */
    String name(String huggingFace) {
        TensorNames.Place place = names.of(huggingFace);
        return place == null ? null : place.gguf();
    }

    /** Which part of that stack the tensor is, or -1. */
    int expert(String huggingFace) {
        TensorNames.Place place = names.of(huggingFace);
        return place == null ? -1 : place.expert();
    }

    /** Tensors of the file in order; {@code skipped} hears of those that have no place in it. */
    List<Tensor> tensors(Collection<TensorEntry> all, Consumer<String> skipped) {
        Map<String, TreeMap<Integer, TensorEntry>> parts = new LinkedHashMap<>();
        boolean hasEmbedding = all.stream().anyMatch(tensor -> "token_embd.weight".equals(name(tensor.name())));
        for (TensorEntry tensor : all) {
            if (LatentKeys.isBeyond(config, architecture.name(), tensor.name())) {
                skipped.accept(tensor.name());
                continue;
            }
            TensorNames.Place place = names.of(tensor.name());
            if (place != null && tied() && place.gguf().equals("output.weight")) {
                // Tied files may keep either of the two; GGUF's has the embedding.
                place = hasEmbedding ? null : new TensorNames.Place("token_embd.weight", -1);
            }
            if (place == null) {
                checkNeedless(tensor.name());
                skipped.accept(tensor.name());
            } else if (parts.computeIfAbsent(place.gguf(), name -> new TreeMap<>()).put(place.expert(), tensor) != null) {
                throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Two tensors would be " + place.gguf() + " in GGUF, one is " + tensor.name() + ".", "");
            }
        }
        var tensors = new ArrayList<Tensor>();
        parts.forEach((name, each) -> {
            for (Map.Entry<String, TensorEntry> part : keys.parts(name, formed(name, whole(name, each)))) {
                tensors.add(new Tensor(part.getKey(), part.getValue(), addend(name)));
            }
        });
        keys.ropeFactors().forEach((name, factors) -> tensors.add(new Tensor(name, MemoryTensor.of(name, factors), 0)));
        return tensors;
    }

    /** A tensor that has no place in the file and is needed would leave a model that says something else. */
    private void checkNeedless(String name) {
        if (!names.isNeedless(name) && !(tied() && "output.weight".equals(name(name)))) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tensor " + name + " has no place in a GGUF file of the architecture " + architecture.name()
                + " that Crema knows.", "Convert with llama.cpp's convert_hf_to_gguf.py to F16; crema convert takes the GGUF from there.");
        }
    }

    private static TensorEntry whole(String name, TreeMap<Integer, TensorEntry> parts) {
        if (parts.firstKey() < 0) {
            return parts.firstEntry().getValue();
        }
        if (parts.lastKey() != parts.size() - 1) {
            throw new CremaException(ErrorCode.MISSING_TENSOR, "Of the experts of " + name + " there are " + parts.size() + ", the last is number " + parts.lastKey() + ".",
                "The checkpoint may be incomplete (a missing shard).");
        }
        return TensorViews.stacked(List.copyOf(parts.values()));
    }

    /** As the architecture wants its rows. */
    private TensorEntry formed(String name, TensorEntry tensor) {
        String part = name.startsWith("blk.") ? name.substring(name.indexOf('.', 4) + 1) : name;
        String stem = part.substring(0, Math.max(0, part.lastIndexOf('.')));
        if (architecture.interleaved() && (stem.equals("attn_q") || stem.equals("attn_k"))) {
            return TensorViews.reordered(tensor, row -> pairsTogether(row, headDim));
        }
        return switch (architecture.name()) {
            case "gptneox", "falcon" -> stem.equals("attn_qkv") ? kindsTogether(tensor) : tensor;
            case "gpt2" -> part.endsWith(".weight") && List.of("attn_qkv", "attn_output", "ffn_up", "ffn_down").contains(stem) ? TensorViews.transposed(tensor) : tensor;
            case "qwen2moe" -> stem.equals("ffn_gate_inp_shexp") ? TensorViews.shaped(tensor, (int) tensor.shape().elements()) : tensor;
            // RoBERTa counts positions from that of the padding on; what is before is never used.
            case "bert" -> part.equals("position_embd.weight") ? TensorViews.rowsFrom(tensor, keys.positionOffset()) : tensor;
            default -> tensor;
        };
    }

    /** The row that becomes this one so that the pairs to rotate are neighbours: row {@code 2i + half} of a head was {@code half * headDim / 2 + i}. */
    private static long pairsTogether(long row, int headDim) {
        long within = row % headDim;
        return row - within + within % 2 * (headDim / 2) + within / 2;
    }

    /** Rows that are the queries, the key and the value of each kv head in turn, with all queries first, then all keys. */
    private TensorEntry kindsTogether(TensorEntry tensor) {
        long heads = config.size("num_attention_heads");
        long kvHeads = config.size("num_key_value_heads", (int) heads);
        long group = heads / kvHeads;
        if (tensor.shape().extent(0) != (heads + 2 * kvHeads) * headDim || heads % kvHeads != 0) {
            throw new CremaException(ErrorCode.INVALID_CHECKPOINT, "Tensor " + tensor.name() + " is " + tensor.shape() + ", expected " + (heads + 2 * kvHeads) * headDim
                + " rows.", "The config and the weights do not belong together.");
        }
        return TensorViews.reordered(tensor, row -> {
            long head = row / headDim;
            long kvHead = head < heads ? head / group : (head - heads) % kvHeads;
            long within = head < heads ? head % group : head < heads + kvHeads ? group : group + 1;
            return (kvHead * (group + 2) + within) * headDim + row % headDim;
        });
    }

    private float addend(String name) {
        return architecture.name().startsWith("gemma") && name.endsWith("norm.weight") ? 1 : 0;
    }

    /** Whether the config says that the output head is the embedding. */
    private boolean tied() {
        return config.json().get("tie_word_embeddings") instanceof Json.Bool tied && tied.value();
    }
}
