package dev.crema.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** The embedded model's folder in the repository. */
final class Tiny {
    private Tiny() { }

    static String path() {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isRegularFile(at.resolve("models/crema-tiny/config.json"))) {
                return at.resolve("models/crema-tiny").toString();
            }
        }
        throw new IllegalStateException("models/crema-tiny is not above " + Path.of("").toAbsolutePath());
    }
}
