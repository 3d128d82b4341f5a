package dev.crema.build.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lines of a rule file without comments and empty lines. */
final class RuleFile {
    private RuleFile() {
    }

    static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(line -> line.replaceFirst("^#.*|\\s+#.*", "").strip()).filter(line -> !line.isEmpty()).toList();
    }
}
