package dev.crema.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Texts kept under {@code src/test/resources/goldens}; {@code -Dgolden=update} writes them. */
public final class Goldens {
    private Goldens() { }

    public static void check(String name, String text) throws IOException {
        Path golden = Path.of("src/test/resources/goldens", name);
        if ("update".equals(System.getProperty("golden"))) {
            Files.createDirectories(golden.getParent());
            Files.writeString(golden, text);
        }
        assertEquals(Files.readString(golden), text, golden + " (rewrite with -Dgolden=update)");
    }
}
