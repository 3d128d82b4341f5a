package dev.crema.jvm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The three standard streams, UTF-8 whatever the platform's charset, and which of them are terminals. Commands get theirs from outside, so
 * that tests can look at what is written.
 */
public record Io(InputStream in, PrintStream out, PrintStream err, boolean inIsTerminal, boolean outIsTerminal, boolean errIsTerminal) {
    private static final int BUFFER_BYTES = 8192;

    /** The process's own streams. */
    public static Io system() {
        return new Io(System.in, stream(FileDescriptor.out), stream(FileDescriptor.err), Terminals.isTerminal(0), Terminals.isTerminal(1),
            Terminals.isTerminal(2));
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        var buffered = new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES);
        return new PrintStream(buffered, false, StandardCharsets.UTF_8);
    }

    /** One line on standard error. */
    public void complain(String message) {
        out.flush();
        err.println("crema: " + message);
        err.flush();
    }
}
