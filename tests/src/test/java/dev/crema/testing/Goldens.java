package dev.crema.testing;

import dev.crema.json.Json;
import dev.crema.json.JsonParser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Files under {@code tests/goldens}. Run with {@code -Dgolden=update} to write what a test found; a person reviews the difference. */
public final class Goldens {
    private Goldens() { }

    public static Path path(String name) {
        Path folder = Path.of("").toAbsolutePath();
        return (folder.endsWith("tests") ? folder : folder.resolve("tests")).resolve("goldens").resolve(name);
    }

    public static Json.Obj json(String name) {
        return JsonParser.parseObject(read(path(name)));
    }

    /** Asserts that the golden file holds exactly {@code actual}. */
    public static void assertGolden(String name, String actual) {
        Path path = path(name);
        if ("update".equals(System.getProperty("golden"))) {
            try {
                Files.createDirectories(path.getParent());
                Files.writeString(path, actual);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertTrue(Files.exists(path), "there is no golden " + path + "; write it with -Dgolden=update");
        assertEquals(read(path), actual, "golden " + name + " (rewrite it with -Dgolden=update if the change is meant)");
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
