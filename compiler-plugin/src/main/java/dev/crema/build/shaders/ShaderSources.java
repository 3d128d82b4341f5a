package dev.crema.build.shaders;

import dev.crema.shaders.Shader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads and checks a folder of .wgsl files. */
final class ShaderSources {
    /** The limit of a constant in a class file. */
    private static final int MOST_BYTES = 65_535;

    /** @param links how many kernels were linked for the check, counting every choice of their slots */
    record Result(List<Shader> shaders, int links) {
    }

    private ShaderSources() {
    }

    /** @param shownAs how the folder is named in messages */
    static Result read(Path folder, String shownAs) throws IOException {
        List<Path> paths;
        try (Stream<Path> found = Files.walk(folder)) {
            paths = found.filter(path -> path.toString().endsWith(".wgsl")).sorted().toList();
        }
        Problems problems = new Problems();
        List<ShaderFile> files = new ArrayList<>();
        for (Path path : paths) {
            String shown = shownAs + "/" + folder.relativize(path).toString().replace('\\', '/');
            ShaderFile file = ShaderParser.parse(shown, path.getFileName().toString(), Files.readString(path), problems);
            if (file == null) {
                continue;
            }
            files.stream().filter(other -> other.shader().fullName().equals(file.shader().fullName())).findFirst().ifPresent(other ->
                problems.add(file.path(), 1, "there is a file of this name at " + other.path() + " already; names are unique over all folders"));
            if (file.shader().source().length() > MOST_BYTES) {
                problems.add(file.path(), 1, "is longer than " + MOST_BYTES + " bytes; split it into parts");
            }
            files.add(file);
        }
        int links = ShaderChecks.check(files, problems);
        problems.throwIfAny("shaders: these files have to be changed:");
        return new Result(files.stream().map(ShaderFile::shader).sorted(Comparator.comparing(Shader::fullName)).toList(), links);
    }
}
