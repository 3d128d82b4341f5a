package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.ModelFiles;
import dev.crema.checkpoint.TensorEntry;
import dev.crema.engine.Model;
import dev.crema.engine.ModelLoader;
import dev.crema.json.Json;
import dev.crema.quant.Quant;
import dev.crema.tensor.DType;
import dev.crema.tokenizer.Tokenizer;
import dev.crema.tokenizer.Tokenizers;

import java.util.EnumMap;
import java.util.Map;

/** What {@code crema inspect} says of a model, as JSON; every value is read leniently, since a broken model is worth inspecting. */
final class ModelReport {
    private static final String[] DIMENSIONS = {"num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads",
        "num_key_value_heads", "head_dim", "q_lora_rank", "kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "n_routed_experts",
        "n_shared_experts", "vocab_size", "rope_theta", "sliding_window"};

    private ModelReport() { }

    static Json.Obj of(ModelFiles files, Checkpoint checkpoint, boolean withTensors) {
        var report = new Json.Obj().put("name", checkpoint.name()).put("format", checkpoint.format());
        report.put("architecture", architecture(checkpoint.config()));
        report.put("weights", weights(checkpoint.tensors(), StoredFormat.of(files, checkpoint)));
        report.put("context_length", orNull(checkpoint.config().get("max_position_embeddings")));
        Model model = null;
        CremaException refusal = null;
        try {
            model = ModelLoader.awaitOpen(files, null, 0);
        } catch (CremaException e) {
            refusal = e;
        }
        report.put("tokenizer", tokenizer(checkpoint, model));
        report.put("chat_template", template(checkpoint.chatTemplate()));
        report.put("runs", runs(checkpoint, refusal));
        if (withTensors) {
            report.put("tensors", tensors(checkpoint.tensors()));
        }
        return report;
    }

    private static Json orNull(Json value) {
        return value == null ? Json.NULL : value;
    }

    private static Json.Obj architecture(Json.Obj config) {
        var result = new Json.Obj().put("model_type", orNull(config.get("model_type")));
        for (String name : DIMENSIONS) {
            if (config.has(name)) {
                result.put(name, config.get(name));
            }
        }
        if (config.get("rope_scaling") instanceof Json.Obj scaling) {
            result.put("rope_scaling", scaling.toString());
        }
        return result;
    }

    private static Json.Obj weights(Map<String, TensorEntry> tensors, String stored) {
        long parameters = 0;
        long bytes = 0;
        var byType = new EnumMap<DType, long[]>(DType.class);
        for (TensorEntry tensor : tensors.values()) {
            long[] sums = byType.computeIfAbsent(tensor.dtype(), type -> new long[3]);
            sums[0]++;
            sums[1] += tensor.shape().elements();
            sums[2] += tensor.bytes().length();
            parameters += tensor.shape().elements();
            bytes += tensor.bytes().length();
        }
        var result = new Json.Obj().put("parameters", parameters).put("bytes", bytes).put("tensors", tensors.size());
        if (stored != null) {
            result.put("stored_as", stored);
        }
        byType.forEach((type, sums) -> result.put(type.name(), sums[0] + " tensors, " + Sizes.count(sums[1]).trim() + " parameters, "
            + Sizes.bytes(sums[2])));
        return result;
    }

    private static Json.Obj tokenizer(Checkpoint checkpoint, Model model) {
        var result = new Json.Obj().put("kind", tokenizerKind(checkpoint));
        Tokenizer tokenizer = model != null ? model.tokenizer() : tokenizerAlone(checkpoint);
        if (tokenizer != null) {
            result.put("vocabulary", tokenizer.vocabSize()).put("begin", token(tokenizer, tokenizer.bos()))
                .put("end", token(tokenizer, tokenizer.eos())).put("adds_begin", tokenizer.addsBos());
        }
        if (model != null) {
            var ends = new Json.Arr();
            for (int id : model.endTokens()) {
                ends.add(token(tokenizer, id));
            }
            result.put("ends_replies", ends);
        }
        return result;
    }

    /** The tokenizer of a model that does not run (a file with a vocabulary only, say); null where it can't be read either. */
    private static Tokenizer tokenizerAlone(Checkpoint checkpoint) {
        try {
            return checkpoint.metadata() != null ? Tokenizers.ofGguf(checkpoint.metadata())
                : checkpoint.vocabularyFile() != null ? Tokenizers.ofFile(checkpoint.vocabularyFile(), checkpoint.tokenizerConfig())
                : checkpoint.tokenizerJson() != null ? Tokenizers.ofHuggingFace(checkpoint.tokenizerJson(), checkpoint.tokenizerConfig()) : null;
        } catch (CremaException e) {
            return null; // 'runs' says why the model does not; this would be the next reason.
        }
    }

    private static Json tokenizerKind(Checkpoint checkpoint) {
        if (checkpoint.tokenizerJson() != null) {
            return checkpoint.tokenizerJson().get("model") instanceof Json.Obj model ? orNull(model.get("type")) : Json.NULL;
        }
        if (checkpoint.vocabularyFile() != null) {
            return Json.of(checkpoint.vocabularyFile().name());
        }
        if (checkpoint.metadata() != null && checkpoint.metadata().values().get("tokenizer.ggml.model") instanceof String kind) {
            Object pre = checkpoint.metadata().values().get("tokenizer.ggml.pre");
            return Json.of(pre instanceof String name ? kind + " (" + name + ")" : kind);
        }
        return Json.NULL;
    }

    private static Json token(Tokenizer tokenizer, int id) {
        return id < 0 ? Json.NULL : Json.of(tokenizer.token(id) + " (" + id + ")");
    }

    private static Json.Obj template(String source) {
        return source == null ? new Json.Obj().put("present", false)
            : new Json.Obj().put("present", true).put("characters", source.length()).put("tools", source.contains("tools"));
    }

    /** Whether Crema runs it, and if not why; formats are judged by what any device can compute with. */
    private static Json runs(Checkpoint checkpoint, CremaException refusal) {
        if (refusal != null) {
            return Json.of("no: " + refusal.describe());
        }
        for (TensorEntry tensor : checkpoint.tensors().values()) {
            if (!Quant.supports(tensor.dtype())) {
                return Json.of("no: tensor " + tensor.name() + " is " + tensor.dtype() + ", which Crema can't compute with yet.");
            }
        }
        return Json.of(checkpoint.chatTemplate() == null ? "yes, but without a chat template it only completes text" : "yes");
    }

    private static Json.Arr tensors(Map<String, TensorEntry> tensors) {
        var rows = new Json.Arr();
        for (TensorEntry tensor : tensors.values()) {
            rows.add(new Json.Obj().put("name", tensor.name()).put("dtype", tensor.dtype().name()).put("shape", tensor.shape().toString())
                .put("bytes", tensor.bytes().length()));
        }
        return rows;
    }
}
