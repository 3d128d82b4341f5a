package dev.crema.build.wasm;

import dev.crema.build.BuildProblem;
import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.teavm.diagnostics.DefaultProblemTextConsumer;
import org.teavm.diagnostics.Problem;
import org.teavm.tooling.TeaVMProblemRenderer;
import org.teavm.tooling.TeaVMTargetType;
import org.teavm.tooling.TeaVMTool;
import org.teavm.tooling.TeaVMToolException;
import org.teavm.tooling.TeaVMToolLog;
import org.teavm.vm.TeaVMOptimizationLevel;

/** Runs TeaVM with our settings; any diagnostic is a {@link BuildProblem}. */
final class TeaVmCompiler {
    private static final int MOST_SHOWN = 40;

    /** What of a build does not come from the class path. */
    record Settings(String mainClass, String name, boolean strict, boolean minify) {
        String runtimeFile() {
            return name + "-runtime.js";
        }
    }

    private final Settings settings;
    private final Consumer<String> debug;

    TeaVmCompiler(Settings settings, Consumer<String> debug) {
        this.settings = settings;
        this.debug = debug;
    }

    /** Writes the module and its runtime into {@code work}, which is the compiler's own; returns the module. */
    Path compile(List<Path> classPath, Path work) throws IOException {
        Files.createDirectories(work);
        Path wasm = work.resolve(settings.name() + ".wasm");
        Files.deleteIfExists(wasm);
        Set<String> problems = new LinkedHashSet<>();
        try (URLClassLoader loader = new URLClassLoader(urls(classPath), TeaVMTool.class.getClassLoader())) {
            TeaVMTool tool = tool(loader, classPath, work, problems);
            tool.generate();
            for (Problem problem : tool.getProblemProvider().getProblems()) {
                problems.add(describe(tool, problem));
            }
        } catch (TeaVMToolException e) {
            throw new IOException("TeaVM failed: " + e.getMessage(), e);
        }
        if (!problems.isEmpty()) {
            throw new BuildProblem(message(problems));
        }
        if (!Files.exists(wasm)) {
            throw new IOException("TeaVM reported no problem but wrote no " + wasm.getFileName() + "; run Maven with -X to see its log");
        }
        copyRuntime(work.resolve(settings.runtimeFile()));
        return wasm;
    }

    private TeaVMTool tool(ClassLoader loader, List<Path> classPath, Path work, Set<String> problems) {
        TeaVMTool tool = new TeaVMTool();
        tool.setTargetType(TeaVMTargetType.WEBASSEMBLY_GC);
        tool.setMainClass(settings.mainClass());
        tool.setTargetDirectory(work.toFile());
        tool.setTargetFileName(settings.name() + ".wasm");
        tool.setClassLoader(loader);
        tool.setClassPath(classPath.stream().map(Path::toFile).toList());
        // FULL inlines so much that the module is 2.2 times as large; with crema-tiny, prefill was alike and decode within the noise.
        tool.setOptimizationLevel(TeaVMOptimizationLevel.ADVANCED);
        tool.setStrict(settings.strict());
        tool.setObfuscated(settings.minify());
        tool.setDebugInformationGenerated(false);
        tool.setSourceMapsFileGenerated(false);
        tool.setIncremental(false);
        tool.setLog(new CollectingLog(problems, debug));
        return tool;
    }

    private void copyRuntime(Path target) throws IOException {
        String resource = "org/teavm/backend/wasm/wasm-gc-module-runtime" + (settings.minify() ? ".min" : "") + ".js";
        try (InputStream in = TeaVMTool.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException(resource + " is not in TeaVM's jars: was teavm.version changed?");
            }
            // No bundler shall look for what the runtime might import.
            String runtime = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("\\bimport\\(", "import(/* webpackIgnore: true */ /* @vite-ignore */ ");
            Files.writeString(target, Glue.script() + runtime);
        }
    }

    private static String describe(TeaVMTool tool, Problem problem) {
        DefaultProblemTextConsumer text = new DefaultProblemTextConsumer();
        problem.render(text);
        StringBuilder out = new StringBuilder(text.getText());
        TeaVMProblemRenderer.renderCallStack(tool.getDependencyInfo().getCallGraph(), problem.getLocation(), out);
        return out.toString();
    }

    private static String message(Set<String> problems) {
        StringBuilder out = new StringBuilder("TeaVM reports " + problems.size() + (problems.size() == 1 ? " problem" : " problems")
            + " (its warnings count: what it warns of fails at run time):");
        problems.stream().limit(MOST_SHOWN).forEach(problem -> out.append("\n\n").append(problem));
        if (problems.size() > MOST_SHOWN) {
            out.append("\n\n... and ").append(problems.size() - MOST_SHOWN).append(" more");
        }
        return out.toString();
    }

    private static URL[] urls(List<Path> classPath) throws MalformedURLException {
        URL[] urls = new URL[classPath.size()];
        for (int i = 0; i < urls.length; i++) {
            urls[i] = classPath.get(i).toUri().toURL();
        }
        return urls;
    }

    /** TeaVM says some things only in its log. */
    private record CollectingLog(Set<String> problems, Consumer<String> debug) implements TeaVMToolLog {
        @Override
        public void info(String text) {
            debug.accept(text);
        }

        @Override
        public void debug(String text) {
            debug.accept(text);
        }

        @Override
        public void warning(String text) {
            problems.add(text);
        }

        @Override
        public void error(String text) {
            problems.add(text);
        }

        @Override
        public void info(String text, Throwable cause) {
            debug.accept(text + ": " + cause);
        }

        @Override
        public void debug(String text, Throwable cause) {
            debug.accept(text + ": " + cause);
        }

        @Override
        public void warning(String text, Throwable cause) {
            problems.add(text + ": " + cause);
        }

        @Override
        public void error(String text, Throwable cause) {
            problems.add(text + ": " + cause);
        }
    }
}
