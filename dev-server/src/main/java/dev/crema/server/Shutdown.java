package dev.crema.server;

import dev.crema.jvm.cli.Io;

import java.util.concurrent.CountDownLatch;

/** Runs a server until SIGINT or SIGTERM, then ends it in good order with exit status 0. */
final class Shutdown {
    /** What to do before the process ends. */
    @FunctionalInterface
    interface Task {
        void run() throws Exception;
    }

    private Shutdown() { }

    /** Blocks until the process is told to end; {@code task} has the rest of its life. */
    static void await(Io io, Task task) throws InterruptedException {
        var hook = new Thread(() -> {
            int status = 0;
            try {
                task.run();
            } catch (Exception e) {
                io.complain("Shutting down failed: " + e + ".");
                status = 1;
            }
            io.out().flush();
            // The JVM's own status after a signal would be 128 + its number, as if something had gone wrong.
            Runtime.getRuntime().halt(status);
        }, "crema-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        new CountDownLatch(1).await();
    }
}
