package dev.crema.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.junit.jupiter.api.Assumptions.abort;

/** Packages that the tests in {@code tests/node} have installed. Without them a test is skipped; with {@code CI=true} in the environment it fails. */
public final class Npm {
    private Npm() { }

    /** The folder of the package. */
    public static Path folder(String name) {
        for (String folder : List.of("node", "tests/node")) {
            Path found = Path.of(folder, "node_modules", name);
            if (Files.isDirectory(found)) {
                return found;
            }
        }
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(name + " is not installed");
        }
        return abort(name + " is not installed: npm ci in tests/node");
    }
}
