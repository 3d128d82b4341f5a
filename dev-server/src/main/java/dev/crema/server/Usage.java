package dev.crema.server;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Checks of options that picocli's types do not make. */
final class Usage {
    private Usage() { }

    static void requireRange(CommandSpec spec, String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + ", expected " + least + " to " + most + ".");
        }
    }
}
