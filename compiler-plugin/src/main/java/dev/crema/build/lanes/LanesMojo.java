package dev.crema.build.lanes;

import dev.crema.build.BuildProblem;
import dev.crema.build.lanes.write.MemoryKind;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/**
 * Compiles the kernels of a package to Wasm: {@code kernels.wasm}, {@code kernels-relaxed.wasm} and of each one for shared memory
 * ({@code -shared}) and for a memory beyond 4 GB ({@code -64}). They import {@code env.memory}, of at most 65535 pages, or 262144.
 */
@Mojo(name = "lanes", defaultPhase = LifecyclePhase.PROCESS_CLASSES, threadSafe = true)
public final class LanesMojo extends AbstractMojo {
    @Parameter(defaultValue = "${project.build.outputDirectory}")
    private File classes;

    /** The package of the kernels; those in packages below it are found as well. */
    @Parameter(required = true)
    private String kernels;

    @Parameter(defaultValue = "${project.build.directory}/kernels")
    private File outputDirectory;

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        try {
            List<String> names = classNames();
            LanesCompiler compiler = LanesCompiler.read(List.of(classes.toPath()), names);
            Path folder = outputDirectory.toPath();
            Files.createDirectories(folder);
            for (Target target : Target.all()) {
                byte[] module = compiler.module(target);
                Path file = folder.resolve(target.fileName());
                if (!Files.exists(file) || !java.util.Arrays.equals(Files.readAllBytes(file), module)) {
                    Files.write(file, module);
                }
            }
            Target shown = new Target(true, new MemoryKind(false, false));
            Files.writeString(folder.resolve("kernels-relaxed.txt"), compiler.text(shown));
            getLog().info("lanes: " + compiler.exports().size() + " kernels of " + names.size() + " classes, " + Target.all().size() + " modules of about "
                + compiler.module(shown).length / 1024 + " KiB");
        } catch (BuildProblem problem) {
            throw new MojoFailureException(problem.getMessage());
        } catch (IOException e) {
            throw new MojoExecutionException("lanes: " + e, e);
        }
    }

    private List<String> classNames() throws IOException {
        Path folder = classes.toPath().resolve(kernels.replace('.', '/'));
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter((Path each) -> each.toString().endsWith(".class")).sorted().toList()) {
                String path = classes.toPath().relativize(file).toString().replace(File.separatorChar, '.');
                names.add(path.substring(0, path.length() - ".class".length()));
            }
        }
        names.removeIf((String name) -> name.endsWith("package-info"));
        return names;
    }
}
