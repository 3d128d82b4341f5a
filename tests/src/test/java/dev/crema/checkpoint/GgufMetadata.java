package dev.crema.checkpoint;

import dev.crema.device.ArrayBytes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The keys of a GGUF file of any architecture, also of one that holds a vocabulary and no model. */
public final class GgufMetadata {
    private GgufMetadata() { }

    public static Metadata read(Path file) {
        try {
            return Gguf.awaitRead(file.getFileName().toString(), new ArrayBytes(Files.readAllBytes(file))).metadata;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
