package dev.crema.build.shaders;

import dev.crema.build.BuildProblem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/** Checks the .wgsl files, links every kernel with every choice of its parts, and generates {@code dev.crema.shaders.Shaders}. */
@Mojo(name = "shaders", defaultPhase = LifecyclePhase.GENERATE_SOURCES, threadSafe = true)
public final class ShadersMojo extends AbstractMojo {
    @Parameter(defaultValue = "${project.basedir}/src/main/wgsl")
    private File sourceDirectory;

    @Parameter(defaultValue = "${project.build.directory}/generated-sources/shaders")
    private File outputDirectory;

    @Parameter(defaultValue = "${project}", readonly = true)
    private MavenProject project;

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        try {
            Path folder = sourceDirectory.toPath();
            Path parent = project.getBasedir().getParentFile().toPath();
            ShaderSources.Result result = ShaderSources.read(folder, parent.relativize(folder).toString().replace('\\', '/'));
            Path file = outputDirectory.toPath().resolve("dev/crema/shaders/Shaders.java");
            Files.createDirectories(file.getParent());
            String source = ShaderGenerator.generate(result.shaders());
            if (!Files.exists(file) || !Files.readString(file).equals(source)) {
                Files.writeString(file, source);
            }
            project.addCompileSourceRoot(outputDirectory.getPath());
            getLog().info("shaders: " + result.shaders().size() + " files, " + result.links() + " linked modules checked");
        } catch (BuildProblem problem) {
            throw new MojoFailureException(problem.getMessage());
        } catch (IOException e) {
            throw new MojoExecutionException("shaders: " + e, e);
        }
    }
}
