package dev.crema.jvm.convert;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.Checkpoint;
import dev.crema.checkpoint.Metadata;
import dev.crema.jvm.synth.GgufWriter;
import dev.crema.tokenizer.Tokenizers;

/** {@code tokenizer.model} as GGUF's {@code tokenizer.ggml} keys; refused where the sample texts become other tokens with them. */
final class GgufPieces {
    private GgufPieces() { }

    /** {@code vocabulary} is how many rows the embedding has. */
    static void write(Checkpoint checkpoint, GgufWriter gguf, int vocabulary) {
        Metadata keys = Tokenizers.ggufKeys(checkpoint.vocabularyFile(), checkpoint.tokenizerConfig(), vocabulary);
        if (!SampleTexts.same(Tokenizers.ofFile(checkpoint.vocabularyFile(), checkpoint.tokenizerConfig()), Tokenizers.ofGguf(keys))) {
            throw new CremaException(ErrorCode.UNSUPPORTED_MODEL, "The tokenizer of " + checkpoint.name() + " (" + checkpoint.vocabularyFile().name()
                + ") reads texts in a way that GGUF's keys can't say.", "It can't be written into a GGUF file without changing what the model reads.");
        }
        keys.values().forEach((key, value) -> {
            if (keys.type(key) >= 0) {
                gguf.put(key, keys);
            } else {
                gguf.put(key, value instanceof Long id ? (Object) id.intValue() : value);
            }
        });
        if (checkpoint.chatTemplate() != null) {
            gguf.put("tokenizer.chat_template", checkpoint.chatTemplate());
        }
    }
}
