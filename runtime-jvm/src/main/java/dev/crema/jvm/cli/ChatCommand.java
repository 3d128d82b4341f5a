package dev.crema.jvm.cli;

import dev.crema.jvm.Crema;
import dev.crema.jvm.GenerateOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.util.concurrent.Callable;

/** {@code crema chat}: a conversation in the terminal, or line by line in a pipe. */
@Command(name = "chat", description = "Chat with a model.",
    footer = {"", "In a terminal: /help lists the commands, Ctrl-C stops an answer, Ctrl-D leaves.",
        "In a pipe: one message a line, one answer each."})
public final class ChatCommand implements Callable<Integer> {
    private final Io io;

    @Spec
    private CommandSpec spec;

    @Mixin
    private HelpOption help;

    @Parameters(index = "0", arity = "0..1", paramLabel = "MODEL", description = "The model; as --model.")
    private String positional;

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message.")
    private String system;

    @Mixin
    private ModelOptions modelOptions;

    @Mixin
    private SamplingOptions sampling;

    public ChatCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() throws IOException {
        modelOptions.positional(positional, spec.commandLine());
        GenerateOptions options = sampling.toOptions(spec.commandLine());
        var conversation = new Conversation(options, system);
        try (var progress = new ProgressBar(io)) {
            Crema.Loader loader = modelOptions.loader(progress);
            if (io.inIsTerminal() && io.outIsTerminal()) {
                new ChatTerminal(conversation, modelOptions, progress).run(loader);
                return 0;
            }
            try (Crema crema = loader.load()) {
                progress.close();
                new ChatPipe(io, crema, conversation).run();
            }
        }
        return 0;
    }
}
