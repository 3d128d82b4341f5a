package dev.crema.build.wasm;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPOutputStream;

/** Output files of build steps. */
final class Outputs {
    private Outputs() {
    }

    /** Replaces the target unless it holds the same bytes, so that what watches its time is not woken for nothing. */
    static void moveChanged(Path source, Path target) throws IOException {
        if (Files.exists(target) && Files.mismatch(source, target) == -1) {
            Files.delete(source);
            return;
        }
        Files.move(source, target, StandardCopyOption.REPLACE_EXISTING);
    }

    static long gzippedSize(Path file) throws IOException {
        CountingStream counter = new CountingStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(counter)) {
            Files.copy(file, gzip);
        }
        return counter.bytes;
    }

    private static final class CountingStream extends OutputStream {
        private long bytes;

        @Override
        public void write(int b) {
            bytes++;
        }

        @Override
        public void write(byte[] buffer, int offset, int length) {
            bytes += length;
        }
    }
}
