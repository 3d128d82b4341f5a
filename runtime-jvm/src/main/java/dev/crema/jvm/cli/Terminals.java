package dev.crema.jvm.cli;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Whether a standard stream is a terminal, for each stream by itself; {@code java.io.Console} only knows of all at once. */
final class Terminals {
    private Terminals() { }

    /** Whether a stream goes to another program; false too where the system does not say. */
    static boolean isPipe(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    static boolean isTerminal(int descriptor) {
        Path link = Path.of("/proc/self/fd/" + descriptor);
        if (Files.isDirectory(link.getParent())) {
            try {
                // Linux says it without a native call, which would cost start-up time.
                String device = Files.readSymbolicLink(link).toString();
                return device.startsWith("/dev/pts/") || device.startsWith("/dev/tty") || device.equals("/dev/console");
            } catch (IOException e) {
                return false; // The stream is closed.
            }
        }
        boolean windows = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        try {
            if (windows) {
                System.loadLibrary("ucrtbase");
            }
            Linker linker = Linker.nativeLinker();
            var symbols = windows ? java.lang.foreign.SymbolLookup.loaderLookup() : linker.defaultLookup();
            var isatty = linker.downcallHandle(symbols.findOrThrow(windows ? "_isatty" : "isatty"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
            return (int) isatty.invokeExact(descriptor) != 0;
        } catch (Throwable e) {
            // Without native access there is no telling one stream from another.
            return System.console() != null && System.console().isTerminal();
        }
    }
}
