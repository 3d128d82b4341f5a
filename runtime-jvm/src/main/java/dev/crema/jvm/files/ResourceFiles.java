package dev.crema.jvm.files;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.device.Bytes;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A model packed into the class path, such as the embedded default; copied into memory once, or mapped where it is a plain file. */
public final class ResourceFiles implements OpenModelFiles {
    /** Where models are packed. */
    public static final String ROOT = "dev/crema/models/";
    private static final int ALIGNMENT = 64;

    private final String name;
    private final Arena arena = Arena.ofShared();
    /** A load that fails is cleaned up by the caller and by the engine's thread, whichever comes first. */
    private final AtomicBoolean closed = new AtomicBoolean();

    private ResourceFiles(String name) {
        this.name = name;
    }

    /** The packed model of this name, or null where the class path has none. */
    public static ResourceFiles find(String name) {
        return resource(name, "config.json") == null ? null : new ResourceFiles(name);
    }

    /** The URL of a packed model's file, or null. */
    public static URL resource(String model, String file) {
        return ResourceFiles.class.getClassLoader().getResource(ROOT + model + "/" + file);
    }

    @Override
    public String name() {
        return name;
    }

    /** Null: the entries of a jar can't be listed by folder, so the usual names are tried. */
    @Override
    public List<String> names() {
        return null;
    }

    @Override
    public Bytes awaitOpen(String file) {
        URL url = file.contains("..") ? null : resource(name, file);
        if (url == null) {
            return null;
        }
        try {
            if (url.getProtocol().equals("file")) {
                return LocalFiles.map(Path.of(url.toURI()), arena);
            }
            return copy(url, file);
        } catch (IOException e) {
            throw LocalFiles.storageFailed("reading the packed file " + file, e);
        } catch (URISyntaxException e) {
            throw new CremaException(ErrorCode.INTERNAL, "The class path has a malformed URL: " + url, "", e);
        }
    }

    private Bytes copy(URL url, String file) throws IOException {
        URLConnection connection = url.openConnection();
        long length = connection.getContentLengthLong();
        try (InputStream in = connection.getInputStream()) {
            if (length < 0) {
                byte[] all = in.readAllBytes();
                MemorySegment target = arena.allocate(all.length, ALIGNMENT);
                MemorySegment.copy(all, 0, target, ValueLayout.JAVA_BYTE, 0, all.length);
                return new MappedBytes(target.asReadOnly(), file);
            }
            MemorySegment target = arena.allocate(length, ALIGNMENT);
            byte[] buffer = new byte[1 << 16];
            long at = 0;
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                MemorySegment.copy(buffer, 0, target, ValueLayout.JAVA_BYTE, at, count);
                at += count;
            }
            if (at != length) {
                throw new IOException("it ends after " + at + " of " + length + " bytes");
            }
            return new MappedBytes(target.asReadOnly(), file);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            arena.close();
        }
    }
}
