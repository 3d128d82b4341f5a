package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.checkpoint.GgufFiles;
import dev.crema.device.Bytes;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The files of a model on disk, mapped into memory: a GGUF file, or a Hugging Face folder. */
public final class LocalFiles implements OpenModelFiles {
    /** The one file of a model that stands in a folder of its own. */
    private static final String POOLING = "1_Pooling/config.json";

    private final String name;
    private final Path folder;
    private final List<String> names;
    private final Arena arena = Arena.ofShared();
    /** A load that fails is cleaned up by the caller and by the engine's thread, whichever comes first. */
    private final AtomicBoolean closed = new AtomicBoolean();

    private LocalFiles(String name, Path folder, List<String> names) {
        this.name = name;
        this.folder = folder;
        this.names = List.copyOf(names);
    }

    /**
     * The model at {@code path}: a folder, a {@code .safetensors} file (which stands for its folder, where config and tokenizer are), or any
     * other file, taken for a GGUF.
     *
     * @throws CremaException MODEL_NOT_FOUND where there is nothing at the path
     */
    public static LocalFiles of(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        if (Files.isDirectory(absolute)) {
            return folder(absolute);
        }
        if (!Files.isRegularFile(absolute)) {
            throw new CremaException(ErrorCode.MODEL_NOT_FOUND, "There is no model at " + path + ".",
                "Give a GGUF file, a Hugging Face folder, or an http(s) URL of either.");
        }
        String file = absolute.getFileName().toString();
        if (file.endsWith(".safetensors")) {
            return folder(absolute.getParent());
        }
        return new LocalFiles(file.endsWith(".gguf") ? file.substring(0, file.length() - 5) : file, absolute.getParent(), withParts(absolute, file));
    }

    /** The file, and the other parts of a split model that lie beside it. */
    private static List<String> withParts(Path path, String file) {
        if (!GgufFiles.isPart(file)) {
            return List.of(file);
        }
        return folder(path.getParent()).names.stream().filter(name -> GgufFiles.partName(name, 1).equals(GgufFiles.partName(file, 1))).toList();
    }

    private static LocalFiles folder(Path folder) {
        var names = new ArrayList<String>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                if (Files.isRegularFile(entry)) {
                    names.add(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw storageFailed("listing " + folder, e);
        }
        if (Files.isRegularFile(folder.resolve(POOLING))) {
            names.add(POOLING);
        }
        Collections.sort(names);
        return new LocalFiles(folder.getFileName() == null ? "model" : folder.getFileName().toString(), folder, names);
    }

    /** Where the files are. */
    Path folder() {
        return folder;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> names() {
        return names;
    }

    @Override
    public Bytes awaitOpen(String file) {
        // Names come from an index.json too: only what the folder lists can be opened, so no path leads out of it.
        return names.contains(file) ? map(folder.resolve(file), arena) : null;
    }

    static MappedBytes map(Path file, Arena arena) {
        try {
            Object key = key(file); // Before the file is opened: if another takes its place between the two, the key is not that one's.
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return new MappedBytes(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena), file, key);
            }
        } catch (IOException e) {
            throw storageFailed("mapping " + file, e);
        }
    }

    /** What tells a file from another that took its name; null where the system has nothing. */
    static Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    static CremaException storageFailed(String doing, IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new CremaException(ErrorCode.STORAGE_FAILED, capital(doing) + " failed: " + why + ".", "", e);
    }

    private static String capital(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            arena.close();
        }
    }
}
