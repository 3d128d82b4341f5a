package dev.crema.server;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.cli.HelpOption;
import dev.crema.jvm.cli.Io;
import dev.crema.jvm.files.ModelSource;
import dev.crema.jvm.files.ResourceFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** {@code crema demo}: the chat page on a local port. */
@Command(name = "demo", description = "Serve the demo page, which runs models in the browser.",
    footer = {"", "Prints the address when ready: / is the page, /crema/ the package, /models/crema-tiny/ the embedded model."})
final class DemoCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8000", description = "Port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--host", paramLabel = "H", defaultValue = "127.0.0.1", description = "Address to listen on. Default: ${DEFAULT-VALUE}; "
        + "browsers give WebGPU to pages from elsewhere only over https.")
    private String host;

    DemoCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws InterruptedException {
        Usage.requireRange(spec, "--port", port, 0, 65535);
        StaticRoot site = folder("crema.site", "demo-site/target/site", "demo-site/src/main/site");
        StaticRoot web = folder("crema.web", "runtime-web/target/web");
        try (var server = new DemoServer(host, port, site, web, model())) {
            io.out().println("Crema's demo page is at " + server.address() + "/");
            io.out().flush();
            Shutdown.await(io, server::close);
        }
        return 0;
    }

    /** The folder that the launcher names, else the first of these that is there, relative to the repository's root. */
    private static StaticRoot folder(String property, String... defaults) {
        String given = System.getProperty(property);
        for (String each : given == null ? defaults : new String[] {given}) {
            if (Files.isDirectory(Path.of(each))) {
                return StaticRoot.folder(Path.of(each).toAbsolutePath());
            }
        }
        throw new CremaException(ErrorCode.NOT_FOUND, "There is no folder " + (given == null ? defaults[0] : given) + ".",
            "It is made by the build: run ./crema demo in the repository.");
    }

    private static StaticRoot model() {
        String models = System.getProperty("crema.models", "models");
        Path folder = Path.of(models, ModelSource.DEFAULT).toAbsolutePath();
        if (Files.isDirectory(folder)) {
            return StaticRoot.folder(folder);
        }
        if (ResourceFiles.resource(ModelSource.DEFAULT, "config.json") != null) {
            return StaticRoot.packedModel(ModelSource.DEFAULT);
        }
        throw new CremaException(ErrorCode.NOT_FOUND, "There is no model in " + folder + ".", "");
    }
}
