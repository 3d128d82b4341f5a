package dev.crema.server;

import dev.crema.Cancellation;
import dev.crema.jvm.Crema;
import dev.crema.jvm.cli.HelpOption;
import dev.crema.jvm.cli.Io;
import dev.crema.jvm.cli.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@code crema serve}: the OpenAI API over HTTP. */
@Command(name = "serve", description = "Serve models over HTTP with OpenAI's API.",
    footer = {"", "Prints one line with the address when ready; Ctrl-C or SIGTERM ends it after the replies that run.",
        "/ is a page to chat, /v1/... is the API, /health, /metrics (Prometheus) and /slots tell how it is."})
final class ServeCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "The model; as --model.")
    private String positional;

    @Mixin
    private ServedModels served;

    @Option(names = "--port", paramLabel = "N", defaultValue = "8080", description = "Port; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--host", paramLabel = "H", defaultValue = "127.0.0.1", description = "Address to listen on; 0.0.0.0 for every "
        + "network. Default: ${DEFAULT-VALUE}, this machine only.")
    private String host;

    @Option(names = "--api-key-file", paramLabel = "FILE", description = "File with the API keys to accept, one a line.")
    private Path apiKeyFile;

    @Option(names = "--tls-cert", paramLabel = "FILE", description = "Speak https with the certificate chain in FILE (PEM); needs --tls-key.")
    private Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The key of --tls-cert (PEM, PKCS #8, without a password).")
    private Path tlsKey;

    @Option(names = "--cors", paramLabel = "ORIGIN",
        description = "Let pages of this origin call (https://example.com, or * for all); repeatable.")
    private List<String> origins = List.of();

    @Option(names = "--max-body", paramLabel = "BYTES", defaultValue = "16777216",
        description = "Size of a request, at most. Default: ${DEFAULT-VALUE}.")
    private int maxBodyBytes;

    @Option(names = "--request-timeout", paramLabel = "TIME", defaultValue = "0", converter = DurationConverter.class,
        description = "From a request to the end of its reply, at most (10m, 90s); 0 for no limit. Default: no limit.")
    private Duration requestTimeout;

    @Option(names = "--stall-timeout", paramLabel = "TIME", defaultValue = "30s", converter = DurationConverter.class,
        description = "Cut a client off that takes nothing of its reply for so long. Default: ${DEFAULT-VALUE}.")
    private Duration stallTimeout;

    @Option(names = "--access-log", paramLabel = "FILE", description = "Append one line of JSON a request to FILE; - for standard error. "
        + "Default: no log.")
    private String accessLog;

    @Option(names = "--drain", paramLabel = "TIME", defaultValue = "30s", converter = DurationConverter.class,
        description = "How long running replies may take to end on shutdown; new requests get 503. Default: ${DEFAULT-VALUE}.")
    private Duration drain;

    ServeCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws InterruptedException {
        List<ServedModel> models = served.models(positional);
        OpenAiServer.Settings settings = settings();
        try (var server = new OpenAiServer(settings); ModelPool pool = served.pool(models, this::load)) {
            pool.acquire(null, new Cancellation()).close();
            server.serve(pool);
            if (settings.keys().isEmpty() && !LoopbackOnly.isLoopback(host) && io.errIsTerminal()) {
                io.complain("Anybody who reaches " + server.address() + " can use it; --api-key-file asks for a key.");
            }
            io.out().println("Serving " + String.join(", ", pool.names()) + " at " + server.address());
            io.out().flush();
            Shutdown.await(io, () -> {
                server.drain(drain);
                server.close();
                pool.close();
            });
        }
        return 0;
    }

    private OpenAiServer.Settings settings() {
        Usage.requireRange(spec, "--port", port, 0, 65535);
        Usage.requireRange(spec, "--max-body", maxBodyBytes, 1, 1 << 30);
        Usage.requireRange(spec, "--stall-timeout", stallTimeout.toMillis(), 1, 86_400_000);
        Usage.requireRange(spec, "--drain", drain.toSeconds(), 0, 86_400);
        if ((tlsCertificate == null) != (tlsKey == null)) {
            throw new ParameterException(spec.commandLine(), "--tls-cert and --tls-key go together.");
        }
        ApiKeys keys = apiKeyFile == null ? ApiKeys.NONE : ApiKeys.read(apiKeyFile);
        Limits limits = Limits.DEFAULT.withBodyBytes(maxBodyBytes).withRequestMillis(requestTimeout.toMillis()).withStallMillis(stallTimeout.toMillis());
        AccessLog log = accessLog == null ? AccessLog.NONE : accessLog.equals("-") ? AccessLog.to(io.err()) : AccessLog.to(Path.of(accessLog));
        return new OpenAiServer.Settings(host, port, keys, Set.copyOf(origins), limits, log, tlsCertificate == null ? null : Tls.read(tlsCertificate, tlsKey));
    }

    private Crema load(ServedModel model) {
        try (var progress = new ProgressBar(io)) {
            return served.loader(model).progress(progress).load();
        }
    }
}
