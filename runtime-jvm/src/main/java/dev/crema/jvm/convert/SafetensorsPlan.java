package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.json.JsonWriter;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A Hugging Face folder whose linear layers are in {@link Nf4}: its safetensors, and the files beside them. */
final class SafetensorsPlan {
    static final String INDEX = "model.safetensors.index.json";
    private static final List<String> BESIDE = List.of("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
        "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json");
    /** The most that a header says of a tensor besides its name, and what else it has. */
    private static final int INFO_BYTES = 160;
    private static final int HEADER_BYTES = 128;
    /** In a layer; the embedding and the output head are in none, and stay as they are, as in bitsandbytes. */
    private static final Pattern IN_LAYER = Pattern.compile(".*\\.\\d+\\..*\\.weight");
    /** Small, and decide which experts compute. */
    private static final Pattern ROUTER = Pattern.compile(".*\\.(gate|router|shared_expert_gate)\\.weight");

    /** Tensors that should stay in one file: a weight and what it needs. */
    final List<List<PlannedTensor>> groups = new ArrayList<>();
    /** Files of some kilobytes to megabytes. */
    final Map<String, byte[]> texts = new LinkedHashMap<>();
    final List<TensorEntry> sources;

    private SafetensorsPlan(Checkpoint checkpoint) {
        sources = List.copyOf(checkpoint.tensors().values());
    }

    /** {@code UNSUPPORTED_MODEL} where the source has no Hugging Face form, or no layer that could be nf4. */
    static SafetensorsPlan awaitOpen(ModelFiles files, Checkpoint checkpoint) {
        String type = checkpoint.config().get("model_type") instanceof Json.Str name ? name.value() : "";
        if (checkpoint.metadata() != null) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "nf4 is stored in safetensors in Hugging Face's form, and " + checkpoint.name() + " is GGUF, which has no nf4.",
                "Give the model's Hugging Face folder, or take IQ4_NL, which has as many bits a weight and less error.");
        }
        if (type.equals("gpt2")) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "GPT-2 keeps its layers as [in, out], which bitsandbytes' nf4 does not.", "Take a format of GGUF.");
        }
        var plan = new SafetensorsPlan(checkpoint);
        var skipped = new TreeSet<String>();
        skipped.add("lm_head");
        String dtype = "float16";
        for (TensorEntry tensor : plan.sources) {
            dtype = tensor.dtype() == DType.BF16 ? "bfloat16" : dtype;
        }
        int quantised = 0;
        for (TensorEntry tensor : plan.sources) {
            boolean linear = IN_LAYER.matcher(tensor.name()).matches() && tensor.shape().rank() == 2;
            boolean taken = linear && !ROUTER.matcher(tensor.name()).matches() && Nf4.fits(tensor);
            if (linear && !taken) {
                // transformers knows modules by the last part of their names.
                String module = tensor.name().substring(0, tensor.name().length() - ".weight".length());
                skipped.add(module.substring(module.lastIndexOf('.') + 1));
            }
            quantised += taken ? 1 : 0;
            plan.groups.add(taken ? Nf4.of(tensor, dtype).stream().map(SafetensorsPlan::copied).toList() : List.of(plain(tensor)));
        }
        if (quantised == 0) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, checkpoint.name() + " has no linear layer of whole blocks of 64 that could be nf4.", "Take a format of GGUF.");
        }
        plan.awaitTexts(files, checkpoint, dtype, skipped);
        return plan;
    }

    private static PlannedTensor copied(TensorEntry tensor) {
        return new PlannedTensor(tensor.name(), tensor, tensor.dtype(), 0);
    }

    /** safetensors has no blocks: what was made of packed weights becomes F16. */
    private static PlannedTensor plain(TensorEntry tensor) {
        return new PlannedTensor(tensor.name(), tensor, tensor.dtype().blockSize() > 1 && Quant.supports(tensor.dtype()) ? DType.F16 : tensor.dtype(), 0);
    }

    private void awaitTexts(ModelFiles files, Checkpoint checkpoint, String dtype, TreeSet<String> skipped) {
        var config = new Json.Obj();
        checkpoint.config().members().forEach(config::put);
        var modules = new Json.Arr();
        skipped.forEach(name -> modules.add(Json.of(name)));
        config.put("quantization_config", new Json.Obj().put("quant_method", "bitsandbytes").put("load_in_4bit", true).put("load_in_8bit", false)
            .put("bnb_4bit_quant_type", "nf4").put("bnb_4bit_compute_dtype", dtype).put("bnb_4bit_use_double_quant", false).put("bnb_4bit_quant_storage", "uint8")
            .put("llm_int8_skip_modules", modules));
        texts.put("config.json", JsonWriter.pretty(config, 2).getBytes(StandardCharsets.UTF_8));
        for (String name : BESIDE) {
            Bytes file = files.awaitOpen(name);
            if (file != null) {
                byte[] bytes = new byte[Math.toIntExact(file.length())];
                file.awaitRead(0, bytes, 0, bytes.length);
                texts.put(name, bytes);
            }
        }
    }

    /** Whether it is one of the small files that such a folder has. */
    static boolean isBeside(String name) {
        return BESIDE.contains(name) || name.equals("config.json") || name.equals(INDEX);
    }

    List<PlannedTensor> tensors() {
        return groups.stream().flatMap(List::stream).toList();
    }

    /** As files of at most {@code most} bytes, and the index where they are several. */
    List<Shard> shards(long most) {
        List<List<PlannedTensor>> files = new ArrayList<>();
        long used = 0;
        for (List<PlannedTensor> group : groups) {
            long needed = group.stream().mapToLong(tensor -> tensor.bytes() + tensor.name().getBytes(StandardCharsets.UTF_8).length + INFO_BYTES).sum();
            if (needed + HEADER_BYTES > most) {
                throw CremaException.ofParam(ErrorCode.INVALID_REQUEST, "shard-size", "A file of at most " + most + " bytes can't hold " + group.getFirst().name() + ", which takes "
                    + (needed + HEADER_BYTES) + ".", "Choose a larger --shard-size.");
            }
            if (files.isEmpty() || used + needed > most) {
                files.add(new ArrayList<>());
                used = HEADER_BYTES;
            }
            files.getLast().addAll(group);
            used += needed;
        }
        var shards = new ArrayList<Shard>();
        for (int i = 0; i < files.size(); i++) {
            shards.add(shard(files.size() == 1 ? "model.safetensors" : String.format("model-%05d-of-%05d.safetensors", i + 1, files.size()), files.get(i)));
        }
        if (shards.size() > 1) {
            texts.put(INDEX, index(shards).getBytes(StandardCharsets.UTF_8));
        }
        return shards;
    }

    private static String index(List<Shard> shards) {
        var map = new Json.Obj();
        long bytes = 0;
        for (Shard shard : shards) {
            for (PlannedTensor tensor : shard.tensors()) {
                map.put(tensor.name(), shard.fileName());
                bytes += tensor.bytes();
            }
        }
        return JsonWriter.pretty(new Json.Obj().put("metadata", new Json.Obj().put("total_size", bytes)).put("weight_map", map), 2);
    }

    private static Shard shard(String fileName, List<PlannedTensor> tensors) {
        var header = new Json.Obj().put("__metadata__", new Json.Obj().put("format", "pt"));
        long offset = 0;
        for (PlannedTensor tensor : tensors) {
            var shape = new Json.Arr();
            for (int i = 0; i < tensor.from().shape().rank(); i++) {
                shape.add(Json.of((long) tensor.from().shape().extent(i)));
            }
            header.put(tensor.name(), new Json.Obj().put("dtype", tensor.to().name()).put("shape", shape)
                .put("data_offsets", new Json.Arr().add(Json.of(offset)).add(Json.of(offset + tensor.bytes()))));
            offset += tensor.bytes();
        }
        return Shard.safetensors(fileName, JsonWriter.compact(header), List.copyOf(tensors));
    }
}
