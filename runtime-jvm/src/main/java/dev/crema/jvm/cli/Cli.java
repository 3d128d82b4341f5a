package dev.crema.jvm.cli;

import dev.crema.CremaException;
import dev.crema.ErrorCode;
import dev.crema.jvm.Devices;
import picocli.CommandLine;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/** How every command of Crema starts and ends: exit status 0 (done), 1 (failed), 2 (usage); errors as one line on standard error. */
public final class Cli {
    public static final int FAILED = 1;
    public static final int USAGE = 2;

    /** Commands that run a model, and words with which they don't run it here. */
    private static final List<String> LOADERS = List.of("chat", "complete", "serve");
    private static final List<String> NOT_LOADING = List.of("--help", "-h", "reference", "--device=reference");

    private Cli() { }

    /** Begins in the background what a command that loads a model will wait for: reading the command line alone takes a fifth of a second. */
    public static void prepare(String... arguments) {
        List<String> words = List.of(arguments);
        if (!words.isEmpty() && LOADERS.contains(words.get(0)) && Collections.disjoint(words, NOT_LOADING)) {
            Devices.prepare(null);
        }
    }

    /** Runs a command line and returns its exit status. */
    public static int run(CommandLine commandLine, Io io, String... arguments) {
        commandLine.setOut(new PrintWriter(io.out(), true, StandardCharsets.UTF_8)).setErr(new PrintWriter(io.err(), true, StandardCharsets.UTF_8));
        commandLine.setUsageHelpAutoWidth(false).setUsageHelpWidth(100).setCaseInsensitiveEnumValuesAllowed(true);
        commandLine.setParameterExceptionHandler((e, args) -> usage(e, io));
        commandLine.setExecutionExceptionHandler((e, command, parsed) -> {
            if (e instanceof CommandLine.ParameterException parameter) {
                return usage(parameter, io);
            }
            if (isUsage(e)) {
                return usage(((CremaException) e).describe(), command, io);
            }
            if (e instanceof OutputLost lost) {
                return outputLost(lost, io);
            }
            io.complain(e instanceof CremaException known ? known.describe() : "Unexpected error: " + e + ". Please report it.");
            if (System.getenv("CREMA_DEBUG") != null) {
                e.printStackTrace(io.err());
            }
            return FAILED;
        });
        int status = commandLine.execute(arguments);
        if (io.out().checkError() && status == 0) {
            status = outputLost(new OutputLost(), io);
        }
        io.err().flush();
        return status;
    }

    /** An option whose value is out of bounds is a mistake in the command line, wherever it is found. */
    private static boolean isUsage(Exception e) {
        return e instanceof CremaException known && known.code() == ErrorCode.INVALID_REQUEST && known.param() != null;
    }

    /** A reader that has seen enough ({@code | head}) needs no message; a full disk does. */
    private static int outputLost(OutputLost lost, Io io) {
        if (!Terminals.isPipe(1)) {
            io.complain(lost.getMessage() + " Is the disk full?");
        }
        return FAILED;
    }

    private static int usage(CommandLine.ParameterException e, Io io) {
        return usage(e.getMessage(), e.getCommandLine(), io);
    }

    private static int usage(String message, CommandLine command, Io io) {
        io.complain(message + (message.endsWith(".") ? "" : ".") + " Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return USAGE;
    }
}
