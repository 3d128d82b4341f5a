package dev.crema.testing;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assumptions.abort;

/**
 * The models and vectors that lie beside the repository and are not part of it. They are looked for in the property or environment variable
 * {@code crema.shared} / {@code CREMA_SHARED}, else in {@code shared} beside one of the folders above. Without them a test is skipped;
 * with {@code CI=true} in the environment it fails.
 */
public final class Shared {
    private static final int LEVELS = 5;

    private Shared() { }

    /** The path of {@code shared/models/<name>}; skips the running test where there is none. */
    public static Path model(String name) {
        Path root = root();
        Path path = root == null ? null : root.resolve("models").resolve(name);
        if (path != null && Files.exists(path)) {
            return path;
        }
        String message = "shared/models/" + name + " is not beside the repository (set the property crema.shared)";
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(message);
        }
        return abort(message);
    }

    private static Path root() {
        String named = System.getProperty("crema.shared", System.getenv("CREMA_SHARED"));
        if (named != null) {
            return Path.of(named);
        }
        Path folder = Path.of("").toAbsolutePath();
        for (int i = 0; i < LEVELS && folder != null; i++, folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("shared/models"))) {
                return folder.resolve("shared");
            }
        }
        return null;
    }
}
