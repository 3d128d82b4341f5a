package dev.crema.checkpoint;

import dev.crema.json.Json;

import java.util.Map;

/**
 * A model as it was found on disk, in Hugging Face's vocabulary whatever the file format: {@code config} has the keys of config.json
 * (GGUF's are translated), tensors have Hugging Face's names.
 *
 * @param format    {@code safetensors}, {@code gguf} or {@code mlc}
 * @param config    config.json; also {@code rope_interleaved} (ours) where GGUF permuted q and k, and {@code pooling} (ours: mean, cls,
 *                  last, or a name that is none of these) where the checkpoint says how embeddings are made
 * @param generationConfig generation_config.json or an empty object
 * @param tensors   by name, in file order
 * @param metadata  GGUF's keys, or null
 * @param tokenizerJson tokenizer.json, or null
 * @param tokenizerConfig tokenizer_config.json or an empty object
 * @param chatTemplate Jinja source, or null
 * @param vocabularyFile the tokenizer of a folder that has no tokenizer.json, or null
 */
public record Checkpoint(String name, String format, Json.Obj config, Json.Obj generationConfig, Map<String, TensorEntry> tensors,
        Metadata metadata, Json.Obj tokenizerJson, Json.Obj tokenizerConfig, String chatTemplate, VocabularyFile vocabularyFile) {
    /** Without a vocabulary's file. */
    public Checkpoint(String name, String format, Json.Obj config, Json.Obj generationConfig, Map<String, TensorEntry> tensors, Metadata metadata,
            Json.Obj tokenizerJson, Json.Obj tokenizerConfig, String chatTemplate) {
        this(name, format, config, generationConfig, tensors, metadata, tokenizerJson, tokenizerConfig, chatTemplate, null);
    }
}
