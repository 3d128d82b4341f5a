package dev.crema.build.libraries;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/** Renews the old classes of all jars in a folder, see {@link OldClasses}; does nothing the second time. */
@Mojo(name = "libraries", defaultPhase = LifecyclePhase.PACKAGE, threadSafe = true)
public final class LibrariesMojo extends AbstractMojo {
    @Parameter(required = true)
    private File folder;

    @Override
    public void execute() throws MojoExecutionException {
        try (Stream<Path> files = Files.list(folder.toPath())) {
            List<Path> jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
            for (Path jar : jars) {
                int old = OldClasses.rewrite(jar);
                if (old > 0) {
                    getLog().info("libraries: " + old + " old classes of " + jar.getFileName() + " have stack maps now");
                }
            }
        } catch (IOException e) {
            throw new MojoExecutionException("libraries: " + e, e);
        }
    }
}
