package dev.crema.tokenizer;

import dev.crema.checkpoint.GgufMetadata;
import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tokenizers of real models, from a GGUF file or a folder with tokenizer.json. */
final class TokenizerFiles {
    private TokenizerFiles() { }

    static Tokenizer open(Path path) {
        if (!Files.isDirectory(path)) {
            return Tokenizers.ofGguf(GgufMetadata.read(path));
        }
        return Tokenizers.ofHuggingFace(json(path.resolve("tokenizer.json")), json(path.resolve("tokenizer_config.json")));
    }

    private static Json.Obj json(Path file) {
        try {
            return JsonParser.parseObject(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
