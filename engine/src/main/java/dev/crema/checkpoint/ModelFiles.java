package dev.crema.checkpoint;

import dev.crema.device.Bytes;

import java.util.List;

/** The files of one model: a GGUF file, or a Hugging Face folder (local, at a URL, or picked in a browser). */
public interface ModelFiles {
    /** What the model is called when nobody named it: the file or folder name. */
    String name();

    /**
     * Names of the files if they can be listed, else null (a folder behind HTTP): then {@link #awaitOpen} is tried with the names that
     * Hugging Face uses.
     */
    List<String> names();

    /** Opens a file, or returns null if there is none of that name; may suspend. */
    Bytes awaitOpen(String name);
}
