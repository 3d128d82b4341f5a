package dev.crema.build.rules;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.maven.model.Dependency;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;

/** Checks a module against the rules in compiler-plugin/rules: arrows, allowed API, suspending methods, file sizes. */
@Mojo(name = "rules", defaultPhase = LifecyclePhase.PROCESS_CLASSES, threadSafe = true)
public final class RulesMojo extends AbstractMojo {
    /** Where engine-api.txt, arrows.txt and suspending.txt are. */
    @Parameter(defaultValue = "${project.basedir}/../compiler-plugin/rules")
    private File rules;

    /** Whether this module may use only what engine-api.txt allows, and has arrows between its packages. */
    @Parameter(defaultValue = "false")
    private boolean pure;

    /** Whether only methods named {@code await...} may suspend; for what TeaVM compiles. */
    @Parameter(defaultValue = "false")
    private boolean suspending;

    @Parameter(property = "crema.rules.skip", defaultValue = "false")
    private boolean skip;

    @Parameter(defaultValue = "${project}", readonly = true)
    private MavenProject project;

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (skip) {
            getLog().info("rules: skipped (crema.rules.skip)");
            return;
        }
        List<String> problems = new ArrayList<>();
        try {
            check(rules.toPath(), problems);
        } catch (IOException e) {
            throw new MojoExecutionException("rules: " + e, e);
        }
        if (!problems.isEmpty()) {
            throw new MojoFailureException("rules: " + project.getArtifactId() + " breaks " + problems.size() + " of them:\n" + String.join("\n", problems));
        }
    }

    private void check(Path folder, List<String> problems) throws IOException {
        List<ClassUses> classes = ClassUses.readAll(Path.of(project.getBuild().getOutputDirectory()));
        Arrows arrows = new Arrows(RuleFile.lines(folder.resolve("arrows.txt")));
        arrows.checkModule(project.getArtifactId(), dependencies(), problems);
        if (pure) {
            arrows.checkPackages(classes, problems);
            new AllowedApi(RuleFile.lines(folder.resolve("engine-api.txt")), "engine-api.txt").check(classes, problems);
        }
        if (suspending) {
            new Suspending(RuleFile.lines(folder.resolve("suspending.txt"))).check(classes, problems);
        }
        FileSizes.check(project.getBasedir().toPath().resolve("src"), project.getArtifactId() + "/src", problems);
    }

    /** The pom's own, as the arrows are drawn there; what comes with them is theirs. */
    private List<String> dependencies() {
        return project.getDependencies().stream().filter(dependency -> !"test".equals(dependency.getScope()))
            .map((Dependency dependency) -> dependency.getGroupId() + ":" + dependency.getArtifactId()).toList();
    }
}
