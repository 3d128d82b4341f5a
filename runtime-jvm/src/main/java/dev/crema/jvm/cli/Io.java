package dev.crema.jvm.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.nio.charset.StandardCharsets;

/**
 * The three standard streams, UTF-8 whatever the platform's charset, and which of them are terminals. Commands get theirs from outside, so
 * that tests can look at what is written.
 */
public record Io(InputStream in, PrintStream out, PrintStream err, boolean inIsTerminal, boolean outIsTerminal, boolean errIsTerminal) {
    private static final int BUFFER_BYTES = 8192;

    /**
     * The process's own streams. The launcher moves standard error to another descriptor, named by the property {@code crema.stderr}: on its usual
     * one the JVM would warn of the incubating Vector API at every start.
     */
    public static Io system() {
        int moved = Integer.getInteger("crema.stderr", 2);
        PrintStream err = stream(moved == 2 ? FileDescriptor.err : descriptor(moved));
        if (moved != 2) {
            System.setErr(err);
        }
        return new Io(System.in, stream(FileDescriptor.out), err, Terminals.isTerminal(0), Terminals.isTerminal(1), Terminals.isTerminal(moved));
    }

    /** The JDK has no public way to an inherited descriptor; opening it by path fails for sockets. The launcher opens java.io for this. */
    private static FileDescriptor descriptor(int number) {
        try {
            Constructor<FileDescriptor> constructor = FileDescriptor.class.getDeclaredConstructor(int.class);
            constructor.setAccessible(true);
            return constructor.newInstance(number);
        } catch (ReflectiveOperationException | InaccessibleObjectException e) {
            return FileDescriptor.err;
        }
    }

    private static PrintStream stream(FileDescriptor descriptor) {
        var buffered = new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES);
        return new PrintStream(buffered, false, StandardCharsets.UTF_8);
    }

    /** Prints at once; {@link OutputLost} where nobody can read it any more. */
    void print(String text) {
        out.print(text);
        checkOutput();
    }

    /** Writes what was printed; {@link OutputLost} where that fails, which a PrintStream does not tell by itself. */
    void checkOutput() {
        if (out.checkError()) {
            throw new OutputLost();
        }
    }

    /** One line on standard error. */
    public void complain(String message) {
        out.flush();
        err.println("crema: " + message);
        err.flush();
    }
}
