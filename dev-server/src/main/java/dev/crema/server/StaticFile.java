package dev.crema.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One version of one file: its size, what identifies the contents, and its bytes from any place on. */
record StaticFile(String name, long size, String etag, Opener opener) {
    /** Opens the bytes from {@code position} to the end. */
    @FunctionalInterface
    interface Opener {
        InputStream open(long position) throws IOException;
    }

    /** A file on disk, identified by size and time. */
    static StaticFile of(Path path) throws IOException {
        long size = Files.size(path);
        String etag = '"' + Long.toHexString(size) + '-' + Long.toHexString(Files.getLastModifiedTime(path).toMillis()) + '"';
        return new StaticFile(path.getFileName().toString(), size, etag, position -> {
            FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
            channel.position(position);
            return Channels.newInputStream(channel);
        });
    }
}
