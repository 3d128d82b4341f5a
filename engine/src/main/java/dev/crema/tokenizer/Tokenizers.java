package dev.crema.tokenizer;

import dev.crema.checkpoint.Metadata;
import dev.crema.checkpoint.VocabularyFile;
import dev.crema.json.Json;

/**
 * Makes tokenizers of what checkpoints bring. A damaged file is {@code INVALID_CHECKPOINT}, and a component that is not supported is
 * {@code UNSUPPORTED_MODEL}; both name the key.
 */
public final class Tokenizers {
    private Tokenizers() { }

    /** From tokenizer.json and tokenizer_config.json (may be empty or null). */
    public static Tokenizer ofHuggingFace(Json.Obj tokenizerJson, Json.Obj tokenizerConfig) {
        return new HuggingFaceTokenizer(tokenizerJson, tokenizerConfig == null ? new Json.Obj() : tokenizerConfig).read();
    }

    /** From a file of a vocabulary ({@code tokenizer.model}, or RWKV's where its name ends in {@code .txt}) and tokenizer_config.json (may be null). */
    public static Tokenizer ofFile(VocabularyFile file, Json.Obj tokenizerConfig) {
        Json.Obj config = tokenizerConfig == null ? new Json.Obj() : tokenizerConfig;
        return file.name().endsWith(".txt") ? RwkvFile.read(file.name(), file.bytes(), config)
            : new SentencePieceTokenizer(file.name(), file.bytes(), config).read();
    }

    /** {@code tokenizer.model} as GGUF's {@code tokenizer.ggml} keys with at least {@code rows} tokens; what these keys can't say is lost. */
    public static Metadata ggufKeys(VocabularyFile file, Json.Obj tokenizerConfig, int rows) {
        if (file.name().endsWith(".txt")) {
            throw Fields.unsupported(file.name(), "is RWKV's vocabulary");
        }
        return new SentencePieceTokenizer(file.name(), file.bytes(), tokenizerConfig == null ? new Json.Obj() : tokenizerConfig).ggufKeys(rows);
    }

    /** From the {@code tokenizer.ggml} keys of a GGUF file. */
    public static Tokenizer ofGguf(Metadata metadata) {
        return new GgufTokenizer(metadata).read();
    }
}
