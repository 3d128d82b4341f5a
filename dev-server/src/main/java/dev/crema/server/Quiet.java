package dev.crema.server;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Keeps what Undertow says of its own start and stop off standard error. */
final class Quiet {
    /** Held here, since the JDK forgets loggers (and their levels) that nobody holds. */
    private static final List<Logger> LOGGERS = List.of(Logger.getLogger("io.undertow"), Logger.getLogger("org.xnio"),
        Logger.getLogger("org.jboss"));

    private Quiet() { }

    static void undertow() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.WARNING));
    }
}
