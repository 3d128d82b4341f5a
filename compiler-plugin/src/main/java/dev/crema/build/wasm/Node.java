package dev.crema.build.wasm;

import dev.crema.build.BuildProblem;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A Node that knows WebAssembly GC, used to validate modules. */
record Node(Path executable, String version) {
    /** The first with WebAssembly GC switched on. */
    static final int OLDEST_MAJOR = 22;

    private static final String VALIDATE = """
        const bytes = require('fs').readFileSync(process.argv[1]);
        new WebAssembly.Module(bytes);
        """;

    /** The first that is new enough of: CREMA_NODE, those on the PATH, the test packages' own. */
    static Optional<Node> find(Path root) {
        List<Path> candidates = new ArrayList<>();
        String wanted = System.getenv("CREMA_NODE");
        if (wanted != null && !wanted.isBlank()) {
            candidates.add(Path.of(wanted));
        }
        String path = System.getenv("PATH");
        for (String folder : (path == null ? "" : path).split(File.pathSeparator)) {
            if (!folder.isEmpty()) {
                candidates.add(Path.of(folder, "node"));
            }
        }
        candidates.add(root.resolve("tests/node/node_modules/node24/bin/node"));
        return candidates.stream().filter(Files::isExecutable).map(Node::ask).flatMap(Optional::stream)
            .filter(node -> node.major() >= OLDEST_MAJOR).findFirst();
    }

    private static Optional<Node> ask(Path executable) {
        try {
            Run run = run(executable.toString(), "--version");
            return run.exit() == 0 && run.output().startsWith("v")
                ? Optional.of(new Node(executable, run.output().strip().substring(1))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // not a program for this machine: the next candidate may be
        }
    }

    private int major() {
        return Integer.parseInt(version.substring(0, version.indexOf('.')));
    }

    /** Fails with the engine's own message when the module is not valid. */
    void validate(Path wasm) throws IOException {
        Run run = run(executable.toString(), "-e", VALIDATE, wasm.toString());
        if (run.exit() != 0) {
            String reason = run.output().lines().filter(line -> line.contains("Error")).findFirst().orElse(run.output());
            throw new BuildProblem(wasm.getFileName() + " is not valid WebAssembly, says Node " + version + ": " + reason
                + "\nLook for an @Import with java.nio.Buffer parameters or @JSByRef arrays; build with -Dcrema.wasm.minify=false to see names.");
        }
    }

    private record Run(int exit, String output) {
    }

    private static Run run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException(command[0] + " did not end within 60 s");
            }
            return new Run(process.exitValue(), output);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command[0], e);
        } finally {
            process.destroyForcibly();
        }
    }
}
