package dev.crema.testing;

import dev.crema.checkpoint.ModelFiles;
import dev.crema.device.ArrayBytes;
import dev.crema.device.Bytes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files of a model in memory. */
public final class MemoryFiles implements ModelFiles {
    private final String name;
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    public MemoryFiles(String name) {
        this.name = name;
    }

    /** All files of a folder, or the one file that {@code path} is. */
    public static MemoryFiles read(Path path) {
        var files = new MemoryFiles(path.getFileName().toString());
        try (var paths = Files.walk(path, 1)) {
            for (Path file : paths.filter(Files::isRegularFile).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    public MemoryFiles put(String file, byte[] bytes) {
        files.put(file, bytes);
        return this;
    }

    public byte[] get(String file) {
        return files.get(file);
    }

    /** Writes all files into {@code folder}. */
    public void writeTo(Path folder) {
        try {
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(folder.resolve(file.getKey()), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> names() {
        return List.copyOf(files.keySet());
    }

    @Override
    public Bytes awaitOpen(String file) {
        byte[] bytes = files.get(file);
        return bytes == null ? null : new ArrayBytes(bytes);
    }
}
