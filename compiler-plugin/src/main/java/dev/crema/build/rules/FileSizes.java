package dev.crema.build.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Files that a person can read in one sitting. */
final class FileSizes {
    static final int MOST_LINES = 450;
    private static final Set<String> KINDS = Set.of("java", "js", "mjs", "ts", "wgsl", "css");

    private FileSizes() {
    }

    static void check(Path folder, String shownAs, List<String> problems) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> found = Files.walk(folder)) {
            files = found.filter(Files::isRegularFile).filter(file -> KINDS.contains(extension(file))).sorted().toList();
        }
        for (Path file : files) {
            long lines;
            try (Stream<String> all = Files.lines(file)) {
                lines = all.count();
            }
            if (lines > MOST_LINES) {
                problems.add(shownAs + "/" + folder.relativize(file).toString().replace('\\', '/') + " has " + lines + " lines, at most " + MOST_LINES
                    + " are allowed: split it by what it does");
            }
        }
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
