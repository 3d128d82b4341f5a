package dev.crema.jvm.files;

import dev.crema.checkpoint.ModelFiles;

/** Model files that hold memory or mappings; closing them makes all bytes they gave out invalid. */
public interface OpenModelFiles extends ModelFiles, AutoCloseable {
    @Override
    void close();
}
