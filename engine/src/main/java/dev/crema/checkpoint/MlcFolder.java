package dev.crema.checkpoint;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;
import dev.crema.json.Json;
import dev.crema.tensor.DType;
import dev.crema.tensor.Shape;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A folder as MLC-LLM converts models for WebLLM: {@code mlc-chat-config.json}, {@code tensor-cache.json} (before 2025 {@code ndarray-cache.json}), which
 * says where each tensor lies in {@code params_shard_N.bin}, and the tokenizer's files. Its compiled libraries are not needed. q, k and v,
 * and gate and up, are one tensor each; {@link MlcWeights} takes them apart.
 */
final class MlcFolder {
    static final String CONFIG = "mlc-chat-config.json";
    private static final String[] INDEXES = {"tensor-cache.json", "ndarray-cache.json"};
    private static final int MAX_RANK = 4;

    private MlcFolder() { }

    /** {@code configBytes} is the open mlc-chat-config.json. */
    static Checkpoint awaitOpen(ModelFiles files, Bytes configBytes) {
        Json.Obj chat = HuggingFaceFolder.awaitReadJson(CONFIG, configBytes);
        Json.Obj config = config(chat);
        String quantization = PackedTensors.text(chat, "quantization", "");
        Map<String, TensorEntry> stored = awaitTensors(files);
        Map<String, TensorEntry> tensors = new MlcWeights(quantization, config, stored).unpack();
        config.put("tie_word_embeddings", !tensors.containsKey("lm_head.weight"));
        Json.Obj tokenizerConfig = HuggingFaceFolder.awaitJson(files, "tokenizer_config.json", new Json.Obj());
        Json.Obj tokenizer = HuggingFaceFolder.awaitJson(files, "tokenizer.json", null);
        VocabularyFile vocabulary = VocabularyFile.awaitFind(files, tokenizer);
        String template = HuggingFaceFolder.awaitChatTemplate(files, tokenizerConfig);
        return new Checkpoint(files.name(), "mlc", config, generationConfig(chat), tensors, null, tokenizer, tokenizerConfig, template, vocabulary);
    }

    /** config.json's keys, of which MLC renames some. */
    private static Json.Obj config(Json.Obj chat) {
        if (!(chat.get("model_config") instanceof Json.Obj model)) {
            throw Damage.invalid(CONFIG, "there is no object \"model_config\"");
        }
        var config = new Json.Obj();
        config.members().putAll(model.members());
        config.put("model_type", PackedTensors.text(chat, "model_type", PackedTensors.text(model, "model_type", "")));
        if (!model.has("rope_theta") && model.has("position_embedding_base")) {
            config.put("rope_theta", model.get("position_embedding_base"));
        }
        if (!model.has("max_position_embeddings") && model.has("context_window_size")) {
            config.put("max_position_embeddings", model.get("context_window_size"));
        }
        if (PackedTensors.number(model, "head_dim", 0) == 0) {
            config.members().remove("head_dim");
        }
        if (PackedTensors.number(model, "num_key_value_heads", 0) == 0) {
            config.members().remove("num_key_value_heads");
        }
        return config;
    }

    private static Json.Obj generationConfig(Json.Obj chat) {
        var generation = new Json.Obj();
        for (String key : new String[] {"temperature", "top_p", "bos_token_id", "eos_token_id", "pad_token_id"}) {
            if (chat.has(key)) {
                generation.put(key, chat.get(key));
            }
        }
        return generation;
    }

    private static Map<String, TensorEntry> awaitTensors(ModelFiles files) {
        for (String name : INDEXES) {
            Json.Obj index = HuggingFaceFolder.awaitJson(files, name, null);
            if (index != null) {
                return awaitShards(files, name, index);
            }
        }
        throw new CremaException(ErrorCode.INVALID_CHECKPOINT, files.name() + " has " + CONFIG + ", but neither " + INDEXES[0] + " nor " + INDEXES[1] + ".",
            "The download may be incomplete.");
    }

    private static Map<String, TensorEntry> awaitShards(ModelFiles files, String indexName, Json.Obj index) {
        var tensors = new LinkedHashMap<String, TensorEntry>();
        for (Json item : list(indexName, index)) {
            if (!(item instanceof Json.Obj shard) || !(shard.get("dataPath") instanceof Json.Str path) || path.value().isEmpty()
                    || path.value().indexOf('/') >= 0 || path.value().indexOf('\\') >= 0 || path.value().startsWith(".")) {
                throw Damage.invalid(indexName, "a record has no dataPath that is a file name");
            }
            Bytes file = files.awaitOpen(path.value());
            if (file == null) {
                throw Damage.invalid(indexName, "the file " + path.value() + " that it names is missing");
            }
            List<TensorPlace> places = new ArrayList<>();
            for (Json tensor : list(indexName, shard)) {
                places.add(place(indexName, tensor));
            }
            TensorPlace.place(path.value(), file, 0, places, tensors);
        }
        return tensors;
    }

    private static List<Json> list(String indexName, Json.Obj object) {
        if (object.get("records") instanceof Json.Arr records) {
            return records.items();
        }
        throw Damage.invalid(indexName, "there is no list \"records\"");
    }

    private static TensorPlace place(String indexName, Json item) {
        if (!(item instanceof Json.Obj tensor) || !(tensor.get("name") instanceof Json.Str name) || !(tensor.get("shape") instanceof Json.Arr extents)
                || extents.size() > MAX_RANK) {
            throw Damage.invalid(indexName, "a tensor has no name or shape");
        }
        long[] shape = new long[extents.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = whole(indexName, name.value(), extents.get(i));
        }
        DType dtype = dtype(indexName, name.value(), PackedTensors.text(tensor, "dtype", ""), PackedTensors.text(tensor, "format", "raw"));
        Shape checked = TensorPlace.shape(indexName, name.value(), shape);
        long begin = whole(indexName, name.value(), tensor.get("byteOffset"));
        long bytes = whole(indexName, name.value(), tensor.get("nbytes"));
        if (bytes != dtype.bytes(checked.elements())) {
            throw Damage.invalid(indexName, "tensor " + name.value() + " " + dtype + checked + " should have " + bytes + " bytes");
        }
        return new TensorPlace(name.value(), dtype, checked, begin, begin + bytes);
    }

    private static long whole(String indexName, String tensor, Json value) {
        if (value instanceof Json.Num number && number.isInteger() && number.text().charAt(0) != '-' && number.text().length() < 16) {
            return number.longValue();
        }
        throw Damage.invalid(indexName, "tensor " + tensor + " has " + value + " where a whole number belongs");
    }

    /** Floats of 32 bits may be stored as their upper halves. */
    private static DType dtype(String indexName, String tensor, String name, String format) {
        return switch (name) {
            case "float32" -> format.equals("f32-to-bf16") ? DType.BF16 : DType.F32;
            case "float16" -> DType.F16;
            case "bfloat16" -> DType.BF16;
            case "uint32" -> DType.U32;
            case "int8" -> DType.I8;
            default -> throw Damage.unsupported(indexName + ": tensor " + tensor + " has the dtype " + name + ", which Crema does not read.", "");
        };
    }
}
