package dev.crema.server;

import dev.crema.engine.EngineOptions;
import dev.crema.jvm.Crema;
import dev.crema.jvm.cli.HelpOption;
import dev.crema.jvm.cli.Io;
import dev.crema.jvm.cli.ModelOptions;
import dev.crema.jvm.cli.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code crema serve}: the OpenAI API over HTTP. */
@Command(name = "serve", description = "Serve a model over HTTP with OpenAI's API.",
    footer = {"", "Prints one line with the address when ready; Ctrl-C or SIGTERM ends it after the replies that run.",
        "Routes: /v1/models, /v1/chat/completions, /v1/completions, /health."})
final class ServeCommand implements Callable<Integer> {
    private static final long KEEP_ALIVE_MILLIS = 10_000;

    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "The model; as --model.")
    private String positional;

    @Mixin
    private ModelOptions modelOptions;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "Port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--host", paramLabel = "H", defaultValue = "127.0.0.1", description = "Address to listen on; 0.0.0.0 for every "
        + "network. Default: ${DEFAULT-VALUE}, this machine only.")
    private String host;

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "File with the API keys to accept, one a line.")
    private Path apiKeyFile;

    @Option(names = "--cors", paramLabel = "ORIGIN",
        description = "Let pages of this origin call (https://example.com, or * for all); repeatable.")
    private List<String> origins = List.of();

    @Option(names = "--model-id", paramLabel = "NAME", description = "What the API calls the model.")
    private String modelId;

    @Option(names = "--parallel", paramLabel = "N", defaultValue = "8",
        description = "Requests computed at once; more wait. Default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(names = "--max-body", paramLabel = "BYTES", defaultValue = "16777216",
        description = "Size of a request, at most. Default: ${DEFAULT-VALUE}.")
    private int maxBodyBytes;

    @Option(names = "--drain", paramLabel = "SECONDS", defaultValue = "30", description = "How long running replies may take to end on shutdown. "
        + "Default: ${DEFAULT-VALUE}.")
    private long drainSeconds;

    ServeCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws InterruptedException {
        modelOptions.positional(positional, spec.commandLine());
        Usage.requireRange(spec, "--port", port, 0, 65535);
        Usage.requireRange(spec, "--parallel", parallel, 1, 1024);
        Usage.requireRange(spec, "--max-body", maxBodyBytes, 1, 1 << 30);
        Usage.requireRange(spec, "--drain", drainSeconds, 0, 86400);
        ApiKeys keys = apiKeyFile == null ? ApiKeys.NONE : ApiKeys.read(apiKeyFile);
        var settings = new OpenAiServer.Settings(host, port, keys, Set.copyOf(origins), maxBodyBytes, KEEP_ALIVE_MILLIS);
        try (var server = new OpenAiServer(settings); Crema crema = load()) {
            server.serve(crema);
            if (keys.isEmpty() && !LoopbackOnly.isLoopback(host) && io.errIsTerminal()) {
                io.complain("Anybody who reaches " + server.address() + " can use it; --api-key-file asks for a key.");
            }
            io.out().println("Serving " + crema.model().id() + " at " + server.address());
            io.out().flush();
            Shutdown.await(io, () -> {
                server.drain(drainSeconds);
                server.close();
                crema.close();
            });
        }
        return 0;
    }

    private Crema load() {
        var defaults = EngineOptions.DEFAULT;
        try (var progress = new ProgressBar(io)) {
            return modelOptions.loader(progress).id(modelId).parallel(parallel, defaults.maxQueued()).load();
        }
    }
}
