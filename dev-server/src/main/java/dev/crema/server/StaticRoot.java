package dev.crema.server;

import dev.crema.jvm.files.ResourceFiles;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;

/** Where static files come from. Paths are relative, decoded and already free of {@code ..}. */
interface StaticRoot {
    /** The file, or null; also null for a folder. */
    StaticFile find(String path) throws IOException;

    /** Whether the path is a folder, so that its address needs a slash at the end. */
    boolean isFolder(String path);

    /** A folder on disk; links that lead out of it are not followed. */
    static StaticRoot folder(Path folder) {
        return new StaticRoot() {
            @Override
            public StaticFile find(String path) throws IOException {
                Path file = folder.resolve(path);
                if (!Files.isRegularFile(file) || !file.toRealPath().startsWith(folder.toRealPath())) {
                    return null;
                }
                return StaticFile.of(file);
            }

            @Override
            public boolean isFolder(String path) {
                return Files.isDirectory(folder.resolve(path));
            }
        };
    }

    /** A model packed into the class path. */
    static StaticRoot packedModel(String model) {
        return new StaticRoot() {
            @Override
            public StaticFile find(String path) throws IOException {
                URL url = path.isEmpty() || path.endsWith("/") ? null : ResourceFiles.resource(model, path);
                if (url == null) {
                    return null;
                }
                try (InputStream in = url.openStream()) {
                    byte[] bytes = in.readAllBytes();
                    var crc = new CRC32();
                    crc.update(bytes);
                    String etag = '"' + Integer.toHexString(bytes.length) + '-' + Long.toHexString(crc.getValue()) + '"';
                    return new StaticFile(path.substring(path.lastIndexOf('/') + 1), bytes.length, etag,
                        position -> new ByteArrayInputStream(bytes, (int) position, (int) (bytes.length - position)));
                }
            }

            @Override
            public boolean isFolder(String path) {
                return path.isEmpty();
            }
        };
    }
}
