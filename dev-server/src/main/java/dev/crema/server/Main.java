package dev.crema.server;

import dev.crema.jvm.cli.ChatCommand;
import dev.crema.jvm.cli.Cli;
import dev.crema.jvm.cli.CompleteCommand;
import dev.crema.jvm.cli.ConvertCommand;
import dev.crema.jvm.cli.EvalCommand;
import dev.crema.jvm.cli.ImatrixCommand;
import dev.crema.jvm.cli.InspectCommand;
import dev.crema.jvm.cli.Io;
import dev.crema.jvm.cli.MeasureCommand;
import dev.crema.jvm.cli.SweepCommand;
import dev.crema.jvm.cli.SynthCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code crema} program. */
@Command(name = "crema", mixinStandardHelpOptions = true, version = "crema 0.1.0", synopsisSubcommandLabel = "COMMAND",
    description = "Runs language models on this machine and in the browser.",
    footer = {"", "A model is a GGUF file, a Hugging Face folder, or an http(s) URL of either.", "'crema COMMAND --help' explains a command."})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    private Main() { }

    public static void main(String[] arguments) {
        Cli.prepare(arguments);
        System.exit(run(Io.system(), arguments));
    }

    /** Runs one command line; returns its exit status. */
    static int run(Io io, String... arguments) {
        Object only = arguments.length == 0 ? null : often(arguments[0], io);
        CommandLine root = only == null ? withAll(io) : new CommandLine(new Main()).addSubcommand(only);
        return Cli.run(root, io, arguments);
    }

    /** The commands that people wait for, or null: reading how each of the others is used takes longer than running many a program. */
    private static Object often(String name, Io io) {
        return switch (name) {
            case "chat" -> new ChatCommand(io);
            case "complete" -> new CompleteCommand(io);
            case "serve" -> new ServeCommand(io);
            default -> null;
        };
    }

    private static CommandLine withAll(Io io) {
        return new CommandLine(new Main()).addSubcommand(new ChatCommand(io)).addSubcommand(new CompleteCommand(io))
            .addSubcommand(new InspectCommand(io)).addSubcommand(new ServeCommand(io)).addSubcommand(new DemoCommand(io))
            .addSubcommand(new ConvertCommand(io)).addSubcommand(new CommandLine(new EvalCommand(io)).addSubcommand(new SweepCommand(io))).addSubcommand(new ImatrixCommand(io))
            .addSubcommand(new SynthCommand(io)).addSubcommand(new MeasureCommand(io)).addSubcommand(new CommandLine.HelpCommand());
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "There is no command.");
    }
}
