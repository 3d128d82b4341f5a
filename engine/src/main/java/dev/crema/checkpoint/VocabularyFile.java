package dev.crema.checkpoint;

import dev.crema.json.Json;

/** A tokenizer's file that is no JSON, as it is: {@code tokenizer.model} (SentencePiece) or RWKV's vocabulary. */
public record VocabularyFile(String name, byte[] bytes) {
    /** The names that such files have in published folders, in the order in which they are looked for. */
    static final String[] NAMES = {"tokenizer.model", "rwkv_vocab_v20230424.txt"};
    /** The largest published one has 5 MB. */
    private static final int MAX_BYTES = 64 << 20;

    /** The file of a folder that has no {@code tokenizerJson}, or null; may suspend. */
    static VocabularyFile awaitFind(ModelFiles files, Json.Obj tokenizerJson) {
        if (tokenizerJson != null) {
            return null;
        }
        for (String name : NAMES) {
            if (files.names() == null || files.names().contains(name)) {
                var file = files.awaitOpen(name);
                if (file != null) {
                    if (file.length() > MAX_BYTES) {
                        throw Damage.invalid(name, "it has " + file.length() + " bytes, " + MAX_BYTES + " is the limit");
                    }
                    byte[] bytes = new byte[(int) file.length()];
                    file.awaitRead(0, bytes, 0, bytes.length);
                    return new VocabularyFile(name, bytes);
                }
            }
        }
        return null;
    }
}
