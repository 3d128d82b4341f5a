package dev.crema.build.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Kernels in the text of a test, compiled by javac together with the lane types. */
public record Snippet(Path folder) {
    /** @param methods of the class {@code test.T}, which imports the lane types */
    public static Snippet compile(Path folder, String methods) throws IOException {
        Path source = folder.resolve("src/test/T.java");
        Files.createDirectories(source.getParent());
        Files.writeString(source, "package test; import dev.crema.lanes.*;\nfinal class T {\n" + methods + "}\n");
        List<String> args = new ArrayList<>(List.of("-proc:none", "-d", folder.toString(), source.toString()));
        try (Stream<Path> lanes = Files.list(Path.of("../cpu-kernels/src/main/java/dev/crema/lanes"))) {
            lanes.map(Path::toString).sorted().forEach(args::add);
        }
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler().run(null, messages, messages, args.toArray(String[]::new));
        assertEquals(0, status, messages.toString());
        return new Snippet(folder);
    }

    public List<Path> folders() {
        return List.of(folder);
    }
}
