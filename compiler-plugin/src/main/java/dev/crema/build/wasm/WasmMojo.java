package dev.crema.build.wasm;

import dev.crema.build.BuildProblem;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.plugins.annotations.ResolutionScope;

/**
 * Compiles Java to one WebAssembly GC module with TeaVM, and checks what comes out. Every diagnostic of TeaVM fails the build, warnings
 * included: a {@code @JSBody} that does not parse is only a warning to TeaVM and a call that does nothing at run time.
 */
@Mojo(name = "wasm", defaultPhase = LifecyclePhase.PROCESS_CLASSES, requiresDependencyResolution = ResolutionScope.COMPILE, threadSafe = true)
public final class WasmMojo extends AbstractMojo {
    @Parameter(required = true)
    private String mainClass;

    /** Name of the module without its extension; the runtime is written beside it as {@code <name>-runtime.js}. */
    @Parameter(defaultValue = "crema")
    private String name;

    @Parameter(defaultValue = "${project.build.directory}/web")
    private File outputDirectory;

    /** Checked array bounds and null as Java exceptions; for tests. Without, both trap, and the module is smaller and faster. */
    @Parameter(property = "crema.wasm.strict", defaultValue = "false")
    private boolean strict;

    /** Short names and no debug names. */
    @Parameter(property = "crema.wasm.minify", defaultValue = "true")
    private boolean minify;

    @Parameter(property = "crema.wasm.skip", defaultValue = "false")
    private boolean skip;

    @Parameter(defaultValue = "${project.compileClasspathElements}", readonly = true)
    private List<String> compileClassPath;

    @Parameter(defaultValue = "${project.build.directory}", readonly = true)
    private File buildDirectory;

    @Parameter(defaultValue = "${maven.multiModuleProjectDirectory}", readonly = true)
    private File root;

    @Override
    public void execute() throws MojoExecutionException, MojoFailureException {
        if (skip) {
            getLog().info("wasm: skipped (crema.wasm.skip)");
            return;
        }
        try {
            build();
        } catch (BuildProblem problem) {
            throw new MojoFailureException(problem.getMessage());
        } catch (IOException e) {
            throw new MojoExecutionException("wasm: " + e, e);
        }
    }

    private void build() throws IOException {
        TeaVmCompiler.Settings settings = new TeaVmCompiler.Settings(mainClass, name, strict, minify);
        List<Path> classPath = classPath();
        Stamp stamp = Stamp.of(settings.toString(), classPath);
        Path output = outputDirectory.toPath();
        Path teaVmDirectory = buildDirectory.toPath().resolve("teavm");
        Path stampFile = teaVmDirectory.resolve(name + ".stamp");
        Path wasm = output.resolve(name + ".wasm");
        if (stamp.matches(stampFile) && Files.exists(wasm) && Files.exists(output.resolve(settings.runtimeFile()))) {
            getLog().info("wasm: " + wasm.getFileName() + " is up to date");
            return;
        }
        long start = System.nanoTime();
        Path work = teaVmDirectory.resolve(name);
        Path built = new TeaVmCompiler(settings, getLog()::debug).compile(classPath, work);
        String validator = validate(built);
        Files.createDirectories(output);
        Outputs.moveChanged(built, wasm);
        Outputs.moveChanged(work.resolve(settings.runtimeFile()), output.resolve(settings.runtimeFile()));
        stamp.write(stampFile);
        getLog().info("wasm: %s, %,d bytes (%,d gzipped), validated by %s, %.1f s".formatted(wasm.getFileName(), Files.size(wasm),
            Outputs.gzippedSize(wasm), validator, (System.nanoTime() - start) / 1e9));
    }

    private List<Path> classPath() {
        return compileClassPath.stream().map(Path::of).filter(Files::exists).toList();
    }

    private String validate(Path wasm) throws IOException {
        WasmFile.check(wasm);
        Optional<Node> node = Node.find(root.toPath());
        if (node.isEmpty()) {
            getLog().info("wasm: no Node " + Node.OLDEST_MAJOR + " or newer found (CREMA_NODE, PATH, tests/node); checked the file's structure only");
            return "structure";
        }
        node.get().validate(wasm);
        return "Node " + node.get().version();
    }
}
